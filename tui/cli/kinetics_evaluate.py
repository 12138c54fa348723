"""`sirolimus kinetics evaluate`: models on measured levels, of tables or of the clinic."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from dosing import QuantityKind, UserError, read_quantity
from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped
from monitoring.files import path_of
from monitoring.times import Moment
from tui.cli.forecast import chosen_model
from tui.cli.output import ExitCode, print_json
from tui.cli.records import add_records_options, open_chosen, print_warning
from tui.cli.research_table import progress_bar, text_of_table

if TYPE_CHECKING:
    from dosing.evaluation import EvaluationResult
    from dosing.pharmacokinetics import Model
    from monitoring.store.store import Store
    from tui.cli.parser import Parser

_DESCRIPTION = """\
Evaluate models on measured levels: each level is predicted a priori and from
the patient's earlier levels, and compared with two baselines, the last level
again and label arithmetic. Input: tables as for `kinetics fit`, or the clinic's
own records with --cohort. Nothing is stored in the records."""

_EPILOG = """\
Examples:
  sirolimus kinetics evaluate levels.csv --model fan2024
  sirolimus kinetics evaluate --cohort --out evaluation.pdf

Without --model every model is evaluated on the patients within its ages and
sizes, and so is their average. Exit codes: 0 done; 2 an input cannot be read, or
no level can be predicted."""


def add_evaluate_to(actions: "argparse._SubParsersAction[Parser]") -> None:
    """Add the action and its options."""
    parser = actions.add_parser(
        "evaluate",
        help="evaluate models on measured levels",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("files", metavar="TABLE", nargs="*", help="a table of doses and levels")
    parser.add_argument(
        "--cohort", action="store_true", help="the levels of the clinic's own records"
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="KEY|FILE",
        help="a model to evaluate (default: all that apply)",
    )
    parser.add_argument(
        "--margin",
        metavar="LEVEL",
        help="within it, as in 1ng/mL, a prediction is close whatever its relative error",
    )
    parser.add_argument("--out", metavar="FILE", help="write the page to a new PDF file, too")
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Print the evaluation. Raises `UserError` for wrong input."""
    if bool(options.files) is options.cohort:
        raise UserError("Name what to evaluate: either a table, or --cohort.")
    out = path_of(options.out) if options.out else None
    if out is not None and out.exists():
        raise UserError(f"{out} exists already. Choose another name.")
    margin = _margin(options.margin)
    models = [chosen_model(each) for each in dict.fromkeys(options.model)]
    keys = [each.key for each in models]
    if len(set(keys)) < len(keys):
        raise UserError("Two models have the same key. Give each model once.")
    store = open_chosen(options).store if options.cohort else None
    if store is None:
        found = _of_tables(options, models, margin)
    else:
        found = _of_cohort(store, models, margin)
    if out is not None:
        from reports.evaluation_report import evaluation_report  # noqa: PLC0415 - heavy
        from reports.pdf_file import write_pdf  # noqa: PLC0415 - as above

        now = Moment.now()
        log = partial(_log, store, now)
        write_pdf(evaluation_report(found, _of(options), now), out, log=log)
    if options.json:
        print_json(found.to_dict())
    else:
        from tui.cli.evaluation_page import print_evaluation  # noqa: PLC0415 - JSON needs no page

        print_evaluation(found, _of(options))
        if out is not None:
            print(escaped(str(out.absolute())))
    return ExitCode.DONE if _has_levels(found) else ExitCode.INVALID_INPUT


def _has_levels(found: "EvaluationResult") -> bool:
    return any(each.compared.a_priori for each in found.models)


def _of(options: argparse.Namespace) -> str:
    """Return what was evaluated, in words."""
    if options.cohort:
        return "the clinic"
    if len(options.files) == 1:
        return escaped(path_of(options.files[0]).name)
    return count_of(len(options.files), "table")


def _margin(text: str | None) -> float:
    if text is None:
        return 0.0
    found = float(read_quantity(text, QuantityKind.LEVEL).value)
    if found <= 0:
        raise UserError("A margin is above zero. Write it as in 1ng/mL.")
    return found


def _of_tables(
    options: argparse.Namespace, models: "list[Model]", margin: float
) -> "EvaluationResult":
    from dosing.evaluation import Evaluator, evaluation_of  # noqa: PLC0415 - numpy is heavy
    from dosing.evaluation.table_subjects import table_subjects  # noqa: PLC0415 - as above
    from dosing.nonmem import read_table  # noqa: PLC0415 - as above

    tables = [read_table(text_of_table(path_of(each))).cells for each in options.files]
    chosen = models or _all_models()
    evaluator = Evaluator(chosen)
    with progress_bar("Patients", None) as bar:
        for table in tables:
            evaluator.add(
                table_subjects(table, chosen, outside_too=bool(models)),
                bar,
            )
    return evaluation_of(evaluator, margin_ng_ml=margin)


def _log(store: "Store | None", now: Moment) -> None:
    """Add the page to the print log; one of a table is of no records."""
    if store is None:
        return
    from monitoring.recall.printing import log_page_of_clinic  # noqa: PLC0415 - for a page alone
    from monitoring.store.print_log import PrintedDocument  # noqa: PLC0415 - as above

    log_page_of_clinic(store, PrintedDocument.EVALUATION, now, print_warning)


def _of_cohort(store: "Store", models: "list[Model]", margin: float) -> "EvaluationResult":
    from dosing.evaluation import Evaluator, evaluation_of  # noqa: PLC0415 - numpy is heavy
    from monitoring.evaluation.clinic_subjects import clinic_subjects  # noqa: PLC0415 - as above
    from monitoring.evaluation.track_record import keep_track_record  # noqa: PLC0415 - as above

    chosen = models or _all_models()
    evaluator = Evaluator(chosen)
    with progress_bar("Patients", None) as bar:
        evaluator.add(clinic_subjects(store.records(), chosen), bar)
    found = evaluation_of(evaluator, margin_ng_ml=margin)
    if not models:
        keep_track_record(store, found.answered_by, Moment.now())
    return found


def _all_models() -> "list[Model]":
    from dosing.pharmacokinetics import MODEL_KEYS, model_named  # noqa: PLC0415 - numpy is heavy

    return list(map(model_named, MODEL_KEYS))
