"""The texts of the workflows: `@CHECK@`, `@STYLE@`, `@PLAN@` and `@COMMENT@` stand for lines of shell, `@VERSION@` for ours."""

from __future__ import annotations

GITHUB = """\
# Written by `mlarch init --ci github`, and yours to change.
name: mlarch

on:
  pull_request:
  push:
    branches: [main, master]

permissions:
  contents: read

defaults:
  run:
    shell: bash

jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          persist-credentials: false
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
      - name: Install
        run: python -m pip install --quiet "mlarch==@VERSION@"
      - name: Check
        run: |
          @CHECK@
      - name: Style
        run: |
          @STYLE@

  # What a change costs and how far it reaches, as one comment that is written anew with each push.
  plan:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    permissions:
      contents: read
      pull-requests: write
    steps:
      - uses: actions/checkout@v5
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
      - name: Install
        run: python -m pip install --quiet "mlarch==@VERSION@"
      - name: Plan
        env:
          BASE: ${{ github.event.pull_request.base.sha }}
        run: |
          @PLAN@
          cat plan.md >> "$GITHUB_STEP_SUMMARY"
      # The token of a fork's pull request may not write: the plan is then in the summary of the run alone.
      - name: Comment
        if: github.event.pull_request.head.repo.full_name == github.repository
        env:
          TOKEN: ${{ github.token }}
          NUMBER: ${{ github.event.pull_request.number }}
        run: |
          @COMMENT@
"""

GITLAB = """\
# Written by `mlarch init --ci gitlab`, and yours to change.
# For the comment, the CI/CD variable MLARCH_TOKEN (masked) holds an access token of the project: role Reporter, scope api.
default:
  image: python:3.12
  before_script:
    - python -m pip install --quiet "mlarch==@VERSION@"

mlarch-check:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - |
      @CHECK@
    - |
      @STYLE@

# What a change costs and how far it reaches, as one comment that is written anew with each push.
mlarch-plan:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  variables:
    GIT_DEPTH: "0"
    BASE: $CI_MERGE_REQUEST_DIFF_BASE_SHA
  script:
    - |
      @PLAN@
    - |
      @COMMENT@
"""

# Each finds the comment of an earlier run by its mark, and writes it anew; Python is there, since mlarch needs it.
GITHUB_COMMENT = """\
call() {
  curl --fail-with-body --silent --show-error --header "Authorization: Bearer $TOKEN" --header 'Content-Type: application/json' "$@"
}
comments="$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues"
python -c 'import json; print(json.dumps({"body": open("plan.md", encoding="utf-8").read()}))' > body.json
mine='
import json, sys
mine = (each for each in json.load(sys.stdin) if each["user"]["login"] == "github-actions[bot]" and each["body"].startswith("@MARK@"))
print(next(mine, {"id": ""})["id"])'
id=$(call "$comments/$NUMBER/comments?per_page=100" | python -c "$mine")
if [ -n "$id" ]; then
  call --request PATCH --data @body.json --output /dev/null "$comments/comments/$id"
else
  call --request POST --data @body.json --output /dev/null "$comments/$NUMBER/comments"
fi
"""

GITLAB_COMMENT = """\
if [ -z "${MLARCH_TOKEN:-}" ]; then echo 'No comment: set the CI/CD variable MLARCH_TOKEN.'; exit 0; fi
call() { curl --fail-with-body --silent --show-error --header "PRIVATE-TOKEN: $MLARCH_TOKEN" "$@"; }
notes="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"
mine='
import json, sys
print(next((each["id"] for each in json.load(sys.stdin) if each["body"].startswith("@MARK@")), ""))'
id=$(call "$notes?per_page=100&order_by=created_at&sort=asc" | python -c "$mine")
if [ -n "$id" ]; then
  call --request PUT --data-urlencode body@plan.md --output /dev/null "$notes/$id"
else
  call --request POST --data-urlencode body@plan.md --output /dev/null "$notes"
fi
"""
