"""What stands between a Python handler and Lambda's Runtime API, in the sandbox process itself.

Loads the handler, then asks for one event after the other. It ends when the Runtime API is gone, so it never outlives
the runtime.
"""

import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback

API = "/2018-06-01/runtime/"


class RuntimeApi:
    def __init__(self, address):
        self._connection = http.client.HTTPConnection(address)

    def call(self, method, resource, body=None):
        try:
            self._connection.request(method, API + resource, body)
            response = self._connection.getresponse()
            return response.headers, response.read()
        except (OSError, http.client.HTTPException):
            sys.stdout.flush()
            os._exit(1)


class LambdaContext:
    """The second argument of a handler."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))


class InitError(Exception):
    def __init__(self, error_type, message):
        super().__init__(message)
        self.error_type = error_type


class MarshalError(Exception):
    pass


def error_document(error_type, error, request_id=None):
    document = {"errorMessage": str(error), "errorType": error_type}
    if request_id is not None:
        document["requestId"] = request_id
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename != __file__]
    document["stackTrace"] = traceback.format_list(own)
    return json.dumps(document)


def type_of(error):
    if isinstance(error, InitError):
        return error.error_type
    if isinstance(error, MarshalError):
        return "Runtime.MarshalError"
    return type(error).__name__


def load_handler():
    text = os.environ["_HANDLER"]
    module_name, _, function_name = text.rpartition(".")
    if not module_name:
        raise InitError("Runtime.MalformedHandlerName", f"Bad handler '{text}'")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise InitError("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        raise InitError("Runtime.UserCodeSyntaxError", message) from error
    handler = getattr(module, function_name, None)
    if handler is None:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise InitError("Runtime.HandlerNotFound", message)
    return handler


def marshal(value):
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (TypeError, ValueError) as error:
        raise MarshalError(f"Unable to marshal response: {error}") from error


def serve_one(api, handler):
    headers, body = api.call("GET", "invocation/next")
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
    try:
        answer = marshal(handler(json.loads(body), LambdaContext(headers)))
        resource = f"invocation/{request_id}/response"
    except Exception as error:  # whatever a handler raises is its answer
        answer = error_document(type_of(error), error, request_id)
        print(f"Invoke Error\t{answer}", file=sys.stderr)
        resource = f"invocation/{request_id}/error"
    sys.stdout.flush()
    sys.stderr.flush()
    api.call("POST", resource, answer)


def main():
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    sys.stdout.reconfigure(line_buffering=True)
    logging.basicConfig(stream=sys.stdout, format="[%(levelname)s]\t%(message)s")
    try:
        handler = load_handler()
    except Exception as error:  # a handler that cannot be loaded is told, whatever the reason
        answer = error_document(type_of(error), error)
        print(f"Init Error\t{answer}", file=sys.stderr)
        api.call("POST", "init/error", answer)
        sys.exit(1)
    while True:
        serve_one(api, handler)


main()
