"""Looks that several checks share: devices, voices, the model. May import what checks may."""
