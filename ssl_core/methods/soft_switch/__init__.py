"""Coarse before fine: a gate on the coarse question weighs the branches for the fine one."""
