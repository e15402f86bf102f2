# SPDX-License-Identifier: GPL-2.0-only
#
# Remembers what Kbuild asks the compiler.
#
# Every run of Kbuild asks some thirty times whether the compiler knows an
# option (scripts/Makefile.compiler): half of the time that a small module
# takes to build. A question is a command and the answer is its exit status,
# which depends on nothing but the compiler; so the answers are recorded when
# a course kernel is built, and looked up when a submission is. A question
# that was not recorded is asked as ever. Kbuild itself did this up to 4.16.
#
# Read before any other makefile, through the variable MAKEFILES.
# KLASS_PROBES is the folder of the answers; with KLASS_RECORD set they are
# written, else they are read.

ifneq ($(KLASS_PROBES),)

klass-empty :=
klass-space := $(klass-empty) $(klass-empty)

# A question as one word: $(filter) takes words, and a % for a pattern.
# The temporary file stands in it by the name of its shell variable.
klass-question = $(subst %,:pc:,$(subst $(klass-space),:,$(strip $(1))))

klass-yes := $(file <$(KLASS_PROBES)/yes)
klass-no := $(file <$(KLASS_PROBES)/no)

# try-run as scripts/Makefile.compiler has it.
define klass-ask
$(shell set -e; TMP=$(TMPOUT)/tmp; trap "rm -rf $(TMPOUT)" EXIT; mkdir -p $(TMPOUT); \
	if ($(1)) >/dev/null 2>&1; then echo "$(2)"; else echo "$(3)"; fi)
endef

ifneq ($(KLASS_RECORD),)
klass-record = $(file >>$(KLASS_PROBES)/$(1),$(2))
override try-run = $(if $(call klass-ask,$(1),y,),$(call klass-record,yes,$(klass-question))$(2),$(call klass-record,no,$(klass-question))$(3))
else
override try-run = $(if $(filter $(klass-question),$(klass-yes)),$(2),$(if $(filter $(klass-question),$(klass-no)),$(3),$(klass-ask)))
endif

endif
