#!/usr/bin/env bash
# Makes both programs as single files that need no .NET: packaging/publish.sh FOLDER [RID] [VERSION]
# RID is the platform (default: this one's, such as linux-x64). The end-to-end tests run what this makes.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(realpath -m "${1:?"name the folder"}")
dotnet build packaging/programs.proj -p:PublishDir="$folder/" ${2:+-p:RuntimeIdentifier="$2"} ${3:+-p:Version="$3"} \
    --nologo --verbosity quiet -consoleLoggerParameters:NoSummary -nodeReuse:false
