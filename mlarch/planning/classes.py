"""The classes of changes, by what they cost."""

from __future__ import annotations

from enum import StrEnum


class Class(StrEnum):
    """What a change costs, the dearest first. A change that costs several things has the dearest; its assets say the rest."""

    BREAKS_API = "breaks the request API"
    REMATERIALISE = "rematerialise"
    RETRAIN = "retrain"
    REBASELINE = "re-baseline"
    REGISTER = "register"
    VALIDATE = "validate"
    REDEPLOY = "redeploy"
    RELOAD = "reload"
    DOCUMENTS = "documents only"
    PLANNED = "not carried out"


#: What each class means, in a sentence.
MEANING = {
    Class.BREAKS_API: "Requests that were right are refused, or answers have another shape.",
    Class.REMATERIALISE: "Data or features are made anew, and all after them.",
    Class.RETRAIN: "A model is trained anew, on features as they are.",
    Class.REBASELINE: "Metrics and gate are decided anew, for models as they are.",
    Class.REGISTER: "A model is registered anew.",
    Class.VALIDATE: "The rules of the data are checked anew; what comes after is kept where they hold.",
    Class.REDEPLOY: "A deployment takes it when it is served again.",
    Class.RELOAD: "Dagster takes it when it loads the build again; nothing is made anew.",
    Class.DOCUMENTS: "Only documents and descriptions change.",
    Class.PLANNED: "This version of mlarch does not carry it out; `compile` refuses it.",
}

#: The class of a change by the first step that it changes.
BY_STEP = {
    "ingested": Class.REMATERIALISE,
    "validated": Class.VALIDATE,
    "features": Class.REMATERIALISE,
    "trained": Class.RETRAIN,
    "evaluated": Class.REBASELINE,
    "registered": Class.REGISTER,
    "materialized": Class.REMATERIALISE,
}
