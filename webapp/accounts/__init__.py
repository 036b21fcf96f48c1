"""Who people are and what they may see: sign-in links, and one queryset for each kind of object.

May import models and below.
"""
