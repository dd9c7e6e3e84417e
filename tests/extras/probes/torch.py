"""Two processes train one model over gloo, and end with the same weights."""

from __future__ import annotations

import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.nn.parallel import DistributedDataParallel


def train(rank: int, meeting: str) -> None:
    """One worker's part: a line through points, each worker with its own half of them."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=2)
    torch.manual_seed(rank)
    model = DistributedDataParallel(torch.nn.Linear(1, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    x = torch.linspace(-1, 1, 20).reshape(-1, 1)[rank::2]
    for _ in range(60):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), 3 * x + 1).backward()
        optimizer.step()
    weight = model.module.weight.detach().clone()
    dist.all_reduce(weight)
    assert abs(weight.item() / 2 - model.module.weight.item()) < 1e-6 and abs(weight.item() / 2 - 3) < 0.1
    dist.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        mp.spawn(train, args=(f"{folder}/meeting",), nprocs=2)
