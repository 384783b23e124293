# Every verb is one script; this file only saves typing. `make help` lists the verbs.
#
#   STACK=dev    which environment (Pulumi.<STACK>.yaml)
#   ARGS="..."   handed to pulumi, or to the script of the verb, word by word as the shell reads them: ARGS="config set note 'two words'"

STACK ?= dev
export STACK
ifeq (,$(strip $(STACK)))
$(error STACK is empty: name an environment, or leave STACK out for dev)
endif
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# In a recipe a second line would be a second command.
define newline


endef
ifneq (,$(findstring $(newline),$(value ARGS)))
$(error ARGS: a line break ends the command: write the arguments on one line)
endif

# A misspelt variable would be ignored, and the verb do something else than was meant.
variables := STACK ARGS SYSTEM ROLE FOLLOW TAIL NAME CMD FILE YES FORCE_DATA EMPTY_DATA ACCEPT_SMALLER ONLY PUSH HOST CERTIFICATES DEBUG
others := $(filter-out $(variables) GROUNDWORK_% PULUMI_% DOCKER_% MAKE% -%,\
    $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(name))))
ifneq (,$(others))
$(error there is no variable $(others) here; there are $(variables))
endif

script := node --import tsx
ops := tools/with-env $(script) tools/ops

## Environment
up: ## deploy the environment, from an empty machine if need be; EMPTY_DATA=yes makes volumes again that are gone
	@tools/up $(value ARGS)

preview: packages ## show what `make up` would change
	@$(ops)/before-preview.ts
	@tools/with-env pulumi preview --stack $(STACK) --parallel 32 $(value ARGS)

outputs: packages ## the outputs as JSON, secrets hidden; NAME=... prints one
	@$(ops)/outputs.ts

secret: packages ## one secret output: NAME=...
	@$(ops)/secret.ts

status: packages ## the health of every workload, and how long certificates last
	@$(ops)/status.ts

logs: packages ## the logs: SYSTEM=... ROLE=... FOLLOW=yes TAIL=100
	@$(ops)/logs.ts

exec: packages ## a shell in a workload: SYSTEM=... ROLE=... CMD='...'
	@$(ops)/exec.ts

backup: packages ## back up now: SYSTEM=... (ACCEPT_SMALLER=yes: although it is far smaller than the last)
	@$(ops)/backup.ts

backups: packages ## the backups that there are: SYSTEM=...
	@$(ops)/backup-list.ts

restore: packages ## bring a backup back: SYSTEM=... FILE=... (without FILE: lists them)
	@$(ops)/restore.ts

down: packages ## remove everything but data and its credentials; FORCE_DATA=yes removes those too, YES=yes answers its question
	@tools/down

## Images
images: packages ## build or fetch what the environment needs; PUSH=<registry> publishes our own, HOST=<address> copies them (tcp://: CERTIFICATES=<directory>), ARGS=sbom lists what is in them
	@tools/docker/ensure
	@$(script) tools/images $(if $(PUSH),push $(PUSH),$(if $(HOST),load --host $(HOST) $(addprefix --certificates ,$(CERTIFICATES)),$(if $(filter sbom,$(ARGS)),,build) $(ARGS)))

pin: packages ## resolve the tags of published images to digests in images.lock.json
	@$(script) tools/images pin

## Project
check: packages ## types, lint, format, unit, golden, docs up to date
	@npm run --silent check

test: machine ## everything, end to end included; the last line counts
	@npm run --silent test

e2e: machine ## one end-to-end suite: ONLY=<system>
	@$(script) test/run.ts e2e $(ONLY)

bench: machine ## ratios against docker compose on the same services: ONLY=<system>
	@npm run --silent bench -- $(ONLY)

docs: packages ## generate docs/reference and the configuration schema
	@npm run --silent docs

package: packages ## the components for a project of your own, as an npm package in bin/
	@file=$$(npm run --silent package) && echo "bin/$$file"

## Tools
pulumi: packages ## the Pulumi CLI in this environment: ARGS="stack ls"
	@tools/with-env pulumi $(value ARGS)

env: ## the environment for plain `pulumi`: eval "$(make -s env)"
	@tools/env

toolchain: ## find or build the Pulumi CLI and its plugins
	@tools/toolchain/ensure

docker-stop: ## stop the Docker daemon that make started (never another one)
	@tools/docker/stop

packages:
	@tools/ensure-packages

# What runs for real needs: the same as `make up`, without deploying.
machine: packages
	@tools/toolchain/ensure >/dev/null
	@tools/docker/ensure
	@$(script) tools/images build >/dev/null

.DEFAULT:
	@echo "error: there is no \`make $@\`; \`make help\` lists what there is" >&2; exit 2

help: ## this table
	@awk -F ':.*## ' '/^## /{print "\n" substr($$0, 4)} /^[a-z0-9-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile
	@echo; echo 'STACK=dev unless said; ARGS="..." is handed on.'

.PHONY: up preview outputs secret status logs exec backup backups restore down images pin check test e2e bench docs package pulumi env \
	toolchain docker-stop packages machine help
