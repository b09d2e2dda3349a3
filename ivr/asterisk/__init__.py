"""The bridge to Asterisk: FastAGI, AMI, translation of its events, control of the operators' legs."""
