"""Signed webhooks: the feed sent to whoever subscribed, until it arrived or was given up."""
