"""Headless telephones: real softphones with sound for tests and the demo, and light ones in crowds for load.

`phone.Softphone` is one baresip process (real SIP, RTP, RFC 4733 keys, words on command, a recording of
what it heard); `voice` speaks the words.
`crowd` drives sipp: many phones without sound whose message times are exact.
"""
