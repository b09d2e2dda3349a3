"""Facts and snapshots go to an MQTT broker."""

from acd.mqtt.broker import BrokerSettings, broker_from
from acd.mqtt.publisher import MqttPublisher

__all__ = ["BrokerSettings", "MqttPublisher", "broker_from"]
