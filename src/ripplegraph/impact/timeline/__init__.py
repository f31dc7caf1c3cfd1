"""Time lines: what outages did to services, to the second, and what follows for the SLAs."""
