"""MLA0xx: files and the command line. MLA1xx: syntax."""

from .base import Code

CODES = {
    "MLA001": Code("file not readable", "The file does not exist, is a folder, or may not be read."),
    "MLA002": Code("empty file", "An architecture file says at least its language and one `system`."),
    "MLA003": Code("not a text file", "An architecture file is UTF-8 text. Save it as UTF-8, without a null byte."),
    "MLA004": Code("file too large", "An architecture file has at most 16 MB: a larger one is probably a data file, named by mistake."),
    "MLA005": Code(
        "imports in a circle",
        "A file imports itself, directly or through others. The message shows the way round. Move what both need into a third file.",
    ),
    "MLA006": Code("unknown overlay", "`--overlay NAME` names an `overlay NAME { … }` block of the file."),
    "MLA007": Code(
        "parameter",
        "A parameter is declared as `param name : type = default` and used as `param.name`. One without a default is "
        "given on the command line: `param.name=value`.",
        "param cores : int",
        "param cores : int = 2",
    ),
    "MLA008": Code(
        "lock file not usable", "The lock file is missing, damaged, or written by another version. `mlarch compile` writes it anew."
    ),
    "MLA009": Code(
        "override not usable",
        "An override has Hydra's grammar, `model.late.hyperparameters.num_leaves=31`, and names something that the "
        "architecture has. `+` adds a block, a feature or a column, `~` takes something away, and in YAML a config group "
        "is chosen as `slo@deployment.api.slo=interactive`. A sweep over several values is not carried out yet.",
    ),
    "MLA010": Code(
        "YAML not readable",
        "The YAML is malformed, names a key twice, has what an architecture has not (aliases, tags, merge keys, several "
        "documents), or a config file of its `defaults:` list does not exist.",
    ),
    "MLA011": Code(
        "would overwrite",
        "`mlarch init` and `mlarch convert` write no file that is there already. Give another name, or move what is there.",
    ),
    "MLA012": Code("build not writable", "The folder of the build cannot be written: a file is in its way, or the rights are missing."),
    "MLA013": Code(
        "revision not readable",
        "`mlarch plan --against git#REF` reads the file, and what it imports, from a revision of the git repository that it lies in.",
    ),
    "MLA014": Code(
        "not convertible",
        "A few things can be said in one form of a file only: a comment with a control character stands in no YAML, and a name with a "
        "backtick, or a condition that begins with a bracket, in no text.",
    ),
    "MLA015": Code(
        "another form of file",
        "A `.mlarch` file holds text, a `.yaml` or `.yml` file the same as YAML: the suffix says how a file is read.",
    ),
    "MLA100": Code(
        "unexpected",
        "What stands here does not belong here. The caption says what was expected.",
        "replicas 2",
        "replicas = 2",
        "deployment",
    ),
    "MLA101": Code(
        "missing value",
        "A value stands on the same line as its `=`: line breaks end a statement, so that a forgotten value cannot swallow the next line.",
        "problem =\n  classification",
        "problem = classification",
        "system",
    ),
    "MLA102": Code(
        "unbalanced brackets",
        "A block, a call or a list is not closed, or one is closed that was never opened.",
        "feature pace = log1p(seconds",
        "feature pace = log1p(seconds)",
        "features",
    ),
    "MLA103": Code(
        "`=` in a comparison",
        "`=` gives a name its value; `==` compares.",
        'label = visits.page = "cart"',
        'label = visits.page == "cart"',
        "model",
    ),
    "MLA104": Code(
        "two statements on one line",
        "Statements end at a line break or at a comma.",
        "cpu = 2 memory = 8GiB",
        "cpu = 2, memory = 8GiB",
        "hardware",
    ),
    "MLA105": Code(
        "text not closed", "A text stands in double quotes, on one line.", "overview = 'Who buys.'", 'overview = "Who buys."', "system"
    ),
    "MLA106": Code(
        "unknown character",
        "The character has no meaning in the language. Comments begin with `#`; `%` is a unit and touches its number.",
        "feature pace = log1p(seconds);",
        "feature pace = log1p(seconds)",
        "features",
    ),
    "MLA107": Code(
        "nested too deeply",
        "An expression goes 100 levels deep at most, a block 30: more is a mistake, or hard to read. Name a part, and use the name.",
    ),
}
