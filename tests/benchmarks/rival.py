"""The same service written by hand: FastAPI and scikit-learn, tuned as one who knows both would tune it.

One uvicorn worker on uvloop and httptools; pydantic checks the same fields and ranges and refuses unknown ones; the request's bytes go to
pydantic's own JSON parser; the features are plain arithmetic with constants; the array is made once; scikit-learn skips its checks for
infinity; the answer is encoded by msgspec, past FastAPI's response models. The model is the one that mlarch has trained.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import sklearn
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sklearn.linear_model import LogisticRegression


class Nuclei(BaseModel):
    """One request."""

    model_config = ConfigDict(extra="forbid", strict=True)

    mean_radius: Annotated[float, Field(ge=0, le=60)]
    mean_texture: Annotated[float, Field(ge=0, le=80)]
    mean_area: Annotated[float, Field(ge=0, le=4000)]
    mean_concavity: Annotated[float, Field(ge=0, le=1)]


class Constants(msgspec.Struct):
    """What training has found: mean and scale of each feature, weights and intercept."""

    means: list[float]
    scales: list[float]
    weights: list[float]
    intercept: float


def application(constants: Constants) -> FastAPI:
    """Return the service."""
    sklearn.set_config(assume_finite=True, skip_parameter_validation=True)
    model = LogisticRegression()
    model.coef_, model.intercept_ = np.array([constants.weights]), np.array([constants.intercept])
    model.classes_, model.n_features_in_ = np.array([0, 1]), 4
    (m0, m1, m2, m3), (s0, s1, s2, s3) = constants.means, constants.scales
    matrix = np.empty((1, 4))
    encode, read = msgspec.json.Encoder().encode, Nuclei.model_validate_json
    app = FastAPI(openapi_url=None)

    @app.post("/predict")
    async def predict(request: Request) -> Response:
        try:
            row = read(await request.body())
        except ValidationError as problem:
            raise RequestValidationError(problem.errors()) from None
        matrix[0, 0] = (row.mean_area / (3.14159 * row.mean_radius * row.mean_radius) - m0) / s0
        matrix[0, 1] = (math.log1p(row.mean_area) - m1) / s1
        matrix[0, 2] = (row.mean_texture - m2) / s2
        matrix[0, 3] = (row.mean_concavity - m3) / s3
        probability = float(model.predict_proba(matrix)[0, 1])
        return Response(encode({"probability": probability, "label": probability >= 0.5}), media_type="application/json")

    return app


if __name__ == "__main__":
    held = Constants(**json.loads(Path(sys.argv[1]).read_text()))
    uvicorn.run(
        application(held), host="127.0.0.1", port=int(sys.argv[2]), loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
