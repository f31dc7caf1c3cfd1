"""ripplegraph: which services fall when this CI does, and does the SLA still hold?"""
