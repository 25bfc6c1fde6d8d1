from . import model_zoo
from .model_zoo import get_model
