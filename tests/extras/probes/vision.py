"""OpenCV resizes an image, and a residual network of torchvision with random weights classifies it."""

from __future__ import annotations

from importlib.metadata import version

import cv2
import numpy as np
import torch

image = cv2.resize(np.random.default_rng(0).integers(0, 255, (50, 80, 3), dtype=np.uint8), (64, 64))
assert image.shape == (64, 64, 3)

# The default wheel of torchvision is built for CUDA. Beside a torch without it, its operators do not load, and its import wants these.
library = torch.library.Library("torchvision", "FRAGMENT")
if version("torch").endswith("+cpu") and not version("torchvision").endswith("+cpu"):
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from torchvision.models import resnet18  # noqa: E402  # after the operator

scores = resnet18(weights=None, num_classes=5).eval()(torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255)
assert scores.shape == (1, 5) and bool(torch.isfinite(scores).all())
