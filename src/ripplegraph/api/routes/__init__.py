"""The routes of the API: handlers parse, call and shape."""
