"""The sample task B2: the median of A's numbers. Python's standard library only."""

import json
import os
import random
import statistics
import sys
import time
from datetime import datetime, timezone

TASK = "B2"
LONGEST_DELAY_MS = 14 * 60 * 1000


class InvalidTaskPayloadError(Exception):
    """An event that no worker sends."""


class InvalidSampleInputError(Exception):
    """A field of the workflow's input that steers the sample tasks has the wrong type or range."""


class MissingUpstreamResultError(Exception):
    """The task was run without the output it computes on."""


class SampleFailure(Exception):
    """The failure that `failAttempts` asks for."""


def handler(event, context):
    """Runs one attempt. Returns less than 450 bytes of JSON; what it raises fails the attempt."""
    check_payload(event)
    append_to_ledger(event, context.aws_request_id)
    delay_ms, fail_attempts, output_bytes = read_sample_input(event.get("input"))
    started_at = now()
    time.sleep((random.randint(300, 1500) if delay_ms is None else delay_ms) / 1000)
    fail_if_asked(event, fail_attempts)
    result = compute(event.get("dependencies"))
    ended_at = now()
    padding = int(output_bytes.get(event["taskId"], 0))
    return {
        "functionName": context.function_name,
        "requestId": context.aws_request_id,
        "runtime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "task": TASK,
        "startTime": iso(started_at),
        "endTime": iso(ended_at),
        "durationMs": milliseconds(ended_at) - milliseconds(started_at),
        "result": result,
        **({"padding": "x" * padding} if padding > 0 else {}),
    }


def compute(dependencies):
    """The median of A's numbers, and the numbers in order."""
    numbers = a_numbers(dependencies)
    return {"median": statistics.median(numbers), "sorted": sorted(numbers)}


def a_numbers(dependencies):
    try:
        numbers = dependencies["A"]["result"]["numbers"]
    except (KeyError, TypeError):
        numbers = None
    if not isinstance(numbers, list) or not numbers or not all(map(is_number, numbers)):
        raise MissingUpstreamResultError("dependencies.A.result.numbers must be a list of numbers")
    return numbers


def check_payload(event):
    """Names every problem of the event at once."""
    if not isinstance(event, dict):
        raise InvalidTaskPayloadError(f"task {TASK} cannot read its payload: it must be an object")
    problems = [
        f"{field} must be a text"
        for field in ("workflowId", "taskId", "idempotencyKey")
        if not isinstance(event.get(field), str) or not event[field]
    ]
    if not is_count(event.get("attempt")) or event["attempt"] < 1:
        problems.append("attempt must be a whole number from 1")
    if not isinstance(event.get("dependencies", {}), dict):
        problems.append("dependencies must be an object")
    if problems:
        raise InvalidTaskPayloadError(f"task {TASK} cannot read its payload: {'; '.join(problems)}")


def read_sample_input(value):
    """(delay in milliseconds or None, task id -> failing attempts, task id -> bytes of padding). Anything but an object steers nothing."""
    if not isinstance(value, dict):
        return None, {}, {}
    delay_ms = value.get("delayMs")
    if delay_ms is not None and not (is_number(delay_ms) and 0 <= delay_ms <= LONGEST_DELAY_MS):
        raise InvalidSampleInputError(
            f"input.delayMs must be a number of milliseconds from 0 to {LONGEST_DELAY_MS}"
        )
    fail_attempts = read_counts(value, "failAttempts", 'attempts, such as { "B2": 2 }')
    return delay_ms, fail_attempts, read_counts(value, "outputBytes", 'bytes, such as { "B2": 100000 }')


def read_counts(value, field, what):
    counts = value.get(field)
    if counts is None:
        return {}
    if not isinstance(counts, dict) or not all(
        is_count(count) and count >= 0 for count in counts.values()
    ):
        raise InvalidSampleInputError(f"input.{field} must map task ids to numbers of {what}")
    return counts


def fail_if_asked(event, fail_attempts):
    task_id, attempt = event["taskId"], event["attempt"]
    failing = fail_attempts.get(task_id, 0)
    if attempt <= failing:
        raise SampleFailure(
            f"task {task_id} fails on attempt {attempt}, as the input asks for the first {failing}"
        )


def append_to_ledger(event, request_id):
    """One append per execution, so that lines of many processes never mix."""
    path = os.environ.get("ORCHESTRA_LEDGER")
    if not path:
        return
    line = {
        "workflowId": event["workflowId"],
        "taskId": event["taskId"],
        "attempt": event["attempt"],
        "requestId": request_id,
        "at": iso(now()),
    }
    text = json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n"
    file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o644)
    try:
        os.write(file, text.encode())
    finally:
        os.close(file)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_count(value):
    """JSON's 2.0 is a whole number in every other task's language, so it is one here."""
    return is_number(value) and float(value).is_integer()


def now():
    return datetime.now(timezone.utc)


def milliseconds(moment):
    """Whole milliseconds since 1970, cut as `iso` cuts them."""
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
