"""Field verification. So far only the assignments that other stages hand over to companions."""
