"""What people do with a contract: ask for waivers, approve them, and look after both.

The spine judges by contracts and knows nothing of this room.
"""
