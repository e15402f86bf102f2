// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why Kconfig did not keep a line of a fragment.
 *
 * Kconfig itself says nothing: it takes what is possible. So the question goes
 * to Kconfig's own parser and expressions (scripts/kconfig of the kernel), which
 * know each option's dependencies and what they come to in a .config.
 *
 *     explain KCONFIG REQUESTED
 *
 * REQUESTED has a line `CONFIG_NAME=value` for each option. The configuration
 * is that of $KCONFIG_CONFIG. For each option one line comes out:
 *
 *     klass: CONFIG_NAME: REASON
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkc.h"

#define LONGEST_NAME	64
#define LONGEST_LINE	1024

static tristate tristate_of(const char *value)
{
	if (!strcmp(value, "y"))
		return yes;
	return strcmp(value, "m") ? no : mod;
}

static bool is_switch(struct symbol *sym)
{
	return sym->type == S_BOOLEAN || sym->type == S_TRISTATE;
}

static void print_expression(const struct expr *e)
{
	struct gstr text = str_new();

	expr_gstr_print(e, &text);
	printf("%s", str_get(&text));
	str_free(&text);
}

/*
 * Prints those parts of a dependency that keep it below @wanted: of a
 * conjunction only the parts at fault.
 */
static int print_what_fails(struct expr *e, tristate wanted, int printed)
{
	if (expr_calc_value(e) >= wanted)
		return printed;
	if (e->type == E_AND) {
		printed = print_what_fails(e->left.expr, wanted, printed);
		return print_what_fails(e->right.expr, wanted, printed);
	}
	if (printed)
		printf(" and ");
	print_expression(e);
	return printed + 1;
}

/* Levenshtein's distance: insertions, deletions and replacements. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[LONGEST_NAME + 1];
	size_t a_len = strlen(a), b_len = strlen(b), i, j;

	for (j = 0; j <= b_len; j++)
		row[j] = j;
	for (i = 1; i <= a_len; i++) {
		unsigned int diagonal = row[0];

		row[0] = i;
		for (j = 1; j <= b_len; j++) {
			unsigned int above = row[j], best = diagonal;

			if (a[i - 1] != b[j - 1]) {
				if (above < best)
					best = above;
				if (row[j - 1] < best)
					best = row[j - 1];
				best++;
			}
			row[j] = best;
			diagonal = above;
		}
	}
	return row[b_len];
}

static const char *nearest_name(const char *name)
{
	unsigned int least = strlen(name) / 2 + 1;
	const char *nearest = NULL;
	struct menu *menu;

	if (strlen(name) > LONGEST_NAME)
		return NULL;
	menu_for_each_entry(menu) {
		unsigned int changes;

		if (!menu->sym || !menu->sym->name || strlen(menu->sym->name) > LONGEST_NAME)
			continue;
		changes = distance(name, menu->sym->name);
		if (changes < least) {
			least = changes;
			nearest = menu->sym->name;
		}
	}
	return nearest;
}

static void explain_unknown(const char *name)
{
	const char *nearest = nearest_name(name);

	printf("there is no option of this name");
	if (nearest)
		printf("; the nearest is CONFIG_%s", nearest);
}

/* The prompt's own condition: `bool "Text" if EXPERT`. */
static struct expr *failing_prompt(struct symbol *sym, tristate wanted, bool *has_prompt)
{
	struct expr *failing = NULL;
	struct property *prompt;

	*has_prompt = false;
	for_all_prompts(sym, prompt) {
		*has_prompt = true;
		if (!prompt->visible.expr || expr_calc_value(prompt->visible.expr) >= wanted)
			return NULL;
		failing = prompt->visible.expr;
	}
	return failing;
}

static void explain_forced(struct symbol *sym)
{
	struct gstr text = str_new();
	const char *separator = "";
	char *line;

	expr_gstr_print_revdep(sym->rev_dep.expr, &text, yes, "");
	expr_gstr_print_revdep(sym->rev_dep.expr, &text, mod, "");
	printf("it is on because of what selects it: ");
	for (line = strtok(str_get(&text), "\n"); line; line = strtok(NULL, "\n")) {
		printf("%s%s", separator, line + strspn(line, " -"));
		separator = "; ";
	}
	str_free(&text);
}

static void explain_off(struct symbol *sym, tristate wanted)
{
	bool has_prompt;
	struct expr *condition = failing_prompt(sym, wanted, &has_prompt);
	struct menu *choice = sym_get_choice_menu(sym);

	if (!has_prompt) {
		printf("it cannot be set by hand: other options select it");
	} else if (sym->dir_dep.expr && expr_calc_value(sym->dir_dep.expr) < wanted) {
		printf("it depends on ");
		print_what_fails(sym->dir_dep.expr, wanted, 0);
	} else if (condition) {
		printf("it can be set only if ");
		print_what_fails(condition, wanted, 0);
	} else if (choice) {
		struct symbol *chosen = sym_calc_choice(choice);

		printf("it is one of a choice, of which CONFIG_%s was taken",
		       chosen ? chosen->name : "nothing");
	} else {
		printf("Kconfig does not say why");
	}
}

static void explain_switch(struct symbol *sym, const char *value)
{
	tristate wanted = tristate_of(value);

	if (strcmp(value, "y") && strcmp(value, "m") && strcmp(value, "n"))
		printf("its value is y, m or n");
	else if (wanted == mod && sym->type == S_BOOLEAN)
		printf("it is y or n: it cannot be a module");
	else if (wanted < sym_get_tristate_value(sym) && sym->rev_dep.tri > wanted)
		explain_forced(sym);
	else if (wanted < sym_get_tristate_value(sym) && sym_is_choice_value(sym))
		printf("one of its choice must be on, and none of the others is");
	else
		explain_off(sym, wanted);
}

static void explain_value(struct symbol *sym, const char *value)
{
	struct property *range = sym_get_range_prop(sym);
	bool quoted = value[0] == '"';

	if (sym->dir_dep.expr && expr_calc_value(sym->dir_dep.expr) == no) {
		printf("it depends on ");
		print_what_fails(sym->dir_dep.expr, mod, 0);
	} else if (sym->type == S_STRING && !quoted) {
		printf("its value is a text in double quotes");
	} else if (sym->type != S_STRING && (quoted || !sym_string_valid(sym, value))) {
		printf("its value is a number%s", sym->type == S_HEX ? ", such as 0x10" : "");
	} else if (range) {
		printf("its value must be between %s and %s",
		       sym_get_string_value(range->expr->left.sym),
		       sym_get_string_value(range->expr->right.sym));
	} else {
		explain_off(sym, mod);
	}
}

static void explain(const char *name, const char *value)
{
	struct symbol *sym = sym_find(name);

	printf("klass: CONFIG_%s: ", name);
	if (!sym || sym->type == S_UNKNOWN) {
		explain_unknown(name);
	} else {
		sym_calc_value(sym);
		if (is_switch(sym))
			explain_switch(sym, value);
		else
			explain_value(sym, value);
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	char line[LONGEST_LINE];
	FILE *requested;

	if (argc != 3) {
		fprintf(stderr, "usage: explain KCONFIG REQUESTED\n");
		return 2;
	}
	conf_parse(argv[1]);
	conf_read(NULL);
	requested = fopen(argv[2], "r");
	if (!requested) {
		perror(argv[2]);
		return 1;
	}
	while (fgets(line, sizeof(line), requested)) {
		char *value = strchr(line, '=');

		line[strcspn(line, "\n")] = '\0';
		if (!value || strncmp(line, "CONFIG_", 7))
			continue;
		*value++ = '\0';
		explain(line + 7, value);
	}
	fclose(requested);
	return 0;
}
