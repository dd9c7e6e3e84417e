"""MLA5xx: data. MLA6xx: training, evaluation, registry. MLA7xx: serving. MLA9xx: engines and machine."""

from .base import Code

CODES = {
    "MLA501": Code(
        "data not readable",
        "The file that the source names does not exist or cannot be read. Its path is relative to the architecture file.",
    ),
    "MLA502": Code("column missing", "The data lack a column that the schema names."),
    "MLA503": Code("wrong type in the data", "The data hold values that are not of the type that the schema gives the column."),
    "MLA504": Code("column all missing", "Every value of the column is missing, so that nothing can be learnt from it."),
    "MLA505": Code(
        "validation failed",
        "The data break a rule of the schema or an expectation. The report lists each rule with the rows that break it.",
    ),
    "MLA506": Code("no rows", "The source has no rows."),
    "MLA507": Code("malformed data", "The file is not what its connector reads."),
    "MLA508": Code(
        "column name not usable",
        "A column's name becomes a field of requests: it has letters, digits and `_`, and no two columns share one.",
    ),
    "MLA509": Code(
        "nothing to learn", "The data have no column that can be the label of the problem, or none beside it that a feature can be made of."
    ),
    "MLA510": Code(
        "data read in part",
        "`check --data` compares the first rows of a large table with the schema, and says how many. `mlarch run` validates every row.",
    ),
    "MLA511": Code(
        "files differ",
        "The files that a pattern matches are one table: of the columns that the schema names, each has the same ones, of the same types.",
    ),
    "MLA512": Code(
        "source out of reach",
        "The database, the store or the API that the source names does not answer, refuses, or broke off. Nothing of it was kept.",
    ),
    "MLA513": Code("function of a source failed", "The Python function that the source names cannot be found, or it raised an exception."),
    "MLA514": Code(
        "too many rows set aside",
        "More rows break a rule of the schema than `quarantine` allows to be set aside. Nothing was kept.",
    ),
    "MLA515": Code("version unknown", "No version has a digest that begins so, or several have; `mlarch data list` shows them."),
    "MLA516": Code(
        "function of a feature failed",
        "The Python function that a feature names is not there, its module cannot be imported, or it raised an exception for the values "
        "that the message shows. In training the run stops. At a request the answer is 500: the row is what the schema allows, and the "
        "code that was deployed cannot deal with it.",
    ),
    "MLA517": Code(
        "pinned version not to be had",
        "`data.lock.json` names a version of a source that is not kept on this machine and that the source does not give now, or one with "
        "other columns than the schema says, or the file cannot be read.",
    ),
    "MLA601": Code("one class only", "The label has the same value in every row, so that there is nothing to learn."),
    "MLA602": Code("extra not installed", "The library that is needed is in an extra that is not installed. The message says the command."),
    "MLA603": Code(
        "missing values in features",
        "The family does not take missing values, and a feature has some. Impute them in the feature: `impute_median(x)`.",
    ),
    "MLA604": Code(
        "gate not passed",
        "The model does not meet what the evaluation requires, so that it is not registered. The table shows each condition.",
    ),
    "MLA605": Code("tracking server unreachable", "The tracking server does not answer, or refuses the credentials."),
    "MLA606": Code("no version", "The registry has no version of the model in the stage that the deployment serves."),
    "MLA607": Code("too few rows", "The split leaves a part without rows, or a class with too few of them."),
    "MLA608": Code("artifact missing or damaged", "What an earlier step wrote is not there any more, or not as it was written."),
    "MLA609": Code("training failed", "The estimator could not be fitted: its own words are in the message."),
    "MLA610": Code(
        "rows that see their own label",
        "A window or a `lag` over the observations' source reads a column of the label, and some rows are visible before the moment at "
        "which they are asked about: their own outcome would be in their history. Such a model looks good and predicts nothing.",
    ),
    "MLA611": Code(
        "code that the file does not declare",
        "The version in the registry calls Python functions that no feature of this file names. Its code is not run: what is fetched from "
        "a registry runs only as the file declares it.",
    ),
    "MLA612": Code(
        "feature store out of reach",
        "The online store, or what keeps its tables, does not answer or refuses. What was written is kept; the same command carries on.",
    ),
    "MLA613": Code(
        "history too long",
        "One entity has more events than the store takes of one: it is probably none, such as a missing value that was written as a word.",
    ),
    "MLA614": Code(
        "no longer kept",
        "The online store keeps the events that a moment of late needs; this one is before. The tables beside it have all of the past.",
    ),
    "MLA701": Code("port in use", "Another process listens on the port."),
    "MLA702": Code("server did not start", "The server did not become ready. Its log is named in the message."),
    "MLA703": Code("nothing deployed", "No server of this architecture is running."),
    "MLA704": Code("request refused", "The server refused the request; the message says which field and why."),
    "MLA705": Code("server unreachable", "Nothing answers at the deployment's address."),
    "MLA706": Code(
        "no answer of the feature store",
        "The feature store did not answer in time, and the deployment declares `fallback = refuse`, or the model takes no missing values.",
    ),
    "MLA901": Code("no space left", "The disk under `.mlarch/` is full. Nothing half-written is left behind; free space and run again."),
    "MLA902": Code("state in use", "Another run holds `.mlarch/`."),
    "MLA903": Code("secret not set", "The environment variable that a `secret(…)` names is not set."),
    "MLA904": Code(
        "Ray unreachable",
        "The Ray cluster did not start, does not answer, lost its work, or has fewer nodes or CPUs than declared; or the process is "
        "connected to a cluster already, and the file names another.",
    ),
    "MLA905": Code("asset unknown", "`--only` names an asset of the architecture."),
    "MLA906": Code("not materialised", "What a step needs was never produced. Run the steps before it."),
    "MLA907": Code("file not writable", "The file is read-only, or the disk does not take it. It stays as it was."),
    "MLA908": Code(
        "storage out of reach",
        "The storage that the nodes of a cluster share does not answer, or refuses to be written. The nodes and this machine see it alike.",
    ),
    "MLA999": Code("internal error", "A mistake of mlarch's, not yours. The message names the file with the details; please report it."),
}
