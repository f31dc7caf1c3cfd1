"""The loaders servicenow room."""
