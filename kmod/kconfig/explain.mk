# SPDX-License-Identifier: GPL-2.0-only
#
# Read by the kernel's makefiles through MAKEFILES: adds `make explainconfig`,
# which runs explain.c's program the way other *config targets run theirs. So
# it sees the same environment, and reads the same Kconfig files, as the `conf`
# that made the configuration.

ifeq ($(obj),scripts/kconfig)
.PHONY: explainconfig
explainconfig:
	@$(KLASS_EXPLAIN) $(Kconfig) $(KLASS_REQUESTED)
endif
