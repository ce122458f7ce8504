"""The names of the 1,000 ImageNet classes in the order of the classifier."""

from torchvision.models import EfficientNet_B0_Weights

NAMES = tuple(
    str(name).lower() for name in EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"]
)
