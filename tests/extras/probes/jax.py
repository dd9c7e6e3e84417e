"""A Flax module learns a line by Optax."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax
from flax import linen

x = jnp.linspace(-1, 1, 20).reshape(-1, 1)
module = linen.Dense(1)
weights = module.init(jax.random.key(0), x)
optimizer = optax.adam(0.1)
state = optimizer.init(weights)


@jax.jit
def step(weights, state):  # type: ignore[no-untyped-def]
    """One step of descent."""
    slope = jax.grad(lambda held: jnp.mean((module.apply(held, x) - (3 * x + 1)) ** 2))(weights)
    change, state = optimizer.update(slope, state)
    return optax.apply_updates(weights, change), state


for _ in range(200):
    weights, state = step(weights, state)
assert abs(float(weights["params"]["kernel"][0, 0]) - 3) < 0.1
