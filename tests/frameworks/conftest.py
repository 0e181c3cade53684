"""The backend of Keras has to be named before Keras is imported."""

import os

os.environ["KERAS_BACKEND"] = "torch"
