import json
import os
import sys
import tempfile
import unittest
from types import SimpleNamespace
from unittest import mock

import handler as b2

CONTEXT = SimpleNamespace(
    function_name="f" * 64, aws_request_id="8f14e45f-ceea-4672-a1b5-0123456789ab"
)


def payload(**changes):
    return {
        "workflowId": "w-1",
        "taskId": "B2",
        "attempt": 1,
        "idempotencyKey": "w-1/B2",
        "input": {"delayMs": 0},
        "dependencies": {"A": {"result": {"numbers": [9, 2, 7, 4]}}},
        **changes,
    }


class ComputingTheMedian(unittest.TestCase):
    def test_takes_the_middle_of_the_sorted_numbers(self):
        self.assertEqual(b2.handler(payload(), CONTEXT)["result"], {"median": 5.5, "sorted": [2, 4, 7, 9]})

    def test_tells_who_ran_it_and_how_long(self):
        output = b2.handler(payload(input={"delayMs": 20}), CONTEXT)
        self.assertEqual(output["functionName"], CONTEXT.function_name)
        self.assertEqual(output["requestId"], CONTEXT.aws_request_id)
        self.assertEqual(output["runtime"], f"python3.{sys.version_info.minor}")
        self.assertEqual(output["task"], "B2")
        self.assertRegex(output["startTime"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertGreater(output["endTime"], output["startTime"])
        self.assertGreaterEqual(output["durationMs"], 20)

    def test_stays_under_450_bytes_for_the_longest_names_and_numbers(self):
        numbers = {"A": {"result": {"numbers": [999, 998, 997, 996, 995, 994, 993, 992]}}}
        output = b2.handler(payload(workflowId="w" * 128, dependencies=numbers), CONTEXT)
        self.assertLess(len(json.dumps(output).encode()), 450)

    def test_names_the_output_it_misses(self):
        for dependencies in ({}, {"A": None}, {"A": {"result": {"numbers": ["1"]}}}):
            with self.assertRaisesRegex(b2.MissingUpstreamResultError, "A.result.numbers"):
                b2.handler(payload(dependencies=dependencies), CONTEXT)


class ReadingTheInput(unittest.TestCase):
    def test_takes_a_random_time_between_300_and_1500_ms_when_none_is_given(self):
        for value in (None, "text", [1], {}, {"delayMs": None}):
            with mock.patch.object(b2.time, "sleep") as sleep:
                b2.handler(payload(input=value), CONTEXT)
            self.assertTrue(0.3 <= sleep.call_args.args[0] <= 1.5)

    def test_refuses_a_delay_of_a_wrong_type_or_range(self):
        for delay in ("5", -1, 840001, True, float("inf"), float("nan")):
            with self.assertRaisesRegex(b2.InvalidSampleInputError, "delayMs"):
                b2.handler(payload(input={"delayMs": delay}), CONTEXT)

    def test_refuses_anything_but_numbers_of_attempts(self):
        for failing in ([], "B2", {"B2": "2"}, {"B2": -1}, {"C": 1.5}, {"C": float("inf")}):
            with self.assertRaisesRegex(b2.InvalidSampleInputError, "failAttempts"):
                b2.handler(payload(input={"delayMs": 0, "failAttempts": failing}), CONTEXT)

    def test_names_every_problem_of_the_payload(self):
        with self.assertRaises(b2.InvalidTaskPayloadError) as caught:
            b2.handler({"attempt": 0, "dependencies": []}, CONTEXT)
        for field in ("workflowId", "taskId", "idempotencyKey", "attempt", "dependencies"):
            self.assertIn(field, str(caught.exception))

    def test_refuses_an_event_that_is_no_object(self):
        with self.assertRaisesRegex(b2.InvalidTaskPayloadError, "object"):
            b2.handler([], CONTEXT)


class FailingOnDemand(unittest.TestCase):
    def test_fails_the_first_attempts_and_then_succeeds(self):
        asked = {"delayMs": 0, "failAttempts": {"B2": 2}}
        for attempt in (1, 2):
            with self.assertRaisesRegex(b2.SampleFailure, f"attempt {attempt}"):
                b2.handler(payload(attempt=attempt, input=asked), CONTEXT)
        self.assertEqual(b2.handler(payload(attempt=3, input=asked), CONTEXT)["task"], "B2")

    def test_pads_its_output_when_asked(self):
        asked = {"delayMs": 0, "outputBytes": {"B2": 1000}}
        self.assertEqual(b2.handler(payload(input=asked), CONTEXT)["padding"], "x" * 1000)
        others = {"delayMs": 0, "outputBytes": {"B1": 1000}}
        self.assertNotIn("padding", b2.handler(payload(input=others), CONTEXT))

    def test_leaves_other_tasks_alone(self):
        asked = {"delayMs": 0, "failAttempts": {"B1": 9}}
        self.assertEqual(b2.handler(payload(input=asked), CONTEXT)["task"], "B2")


class KeepingTheLedger(unittest.TestCase):
    def test_writes_one_line_per_execution_even_when_it_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "ledger")
            asked = {"delayMs": 0, "failAttempts": {"B2": 1}}
            with mock.patch.dict(os.environ, {"ORCHESTRA_LEDGER": path}):
                with self.assertRaises(b2.SampleFailure):
                    b2.handler(payload(input=asked), CONTEXT)
                b2.handler(payload(input=asked, attempt=2), CONTEXT)
            with open(path, encoding="utf-8") as file:
                lines = [json.loads(line) for line in file]
        self.assertEqual([line["attempt"] for line in lines], [1, 2])
        self.assertEqual(
            list(lines[0]), ["workflowId", "taskId", "attempt", "requestId", "at"]
        )

    def test_writes_nothing_when_no_file_is_named(self):
        with mock.patch.dict(os.environ), mock.patch.object(b2.os, "open") as opened:
            os.environ.pop("ORCHESTRA_LEDGER", None)
            b2.handler(payload(), CONTEXT)
        opened.assert_not_called()


if __name__ == "__main__":
    unittest.main()
