"""Rows of the contract written as other systems export them: the inverse of the adapters."""
