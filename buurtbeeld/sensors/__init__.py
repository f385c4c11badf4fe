"""What is made of the readings of sensors."""
