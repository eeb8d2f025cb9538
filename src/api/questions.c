#include "questions.h"

#include "base/rule.h"
#include "booking_steps.h"

static const struct question *question_find(const struct list *questions, uuid id)
{
	for (size_t i = 0; i < questions->n; i++)
		if (uuid_same(((const struct question *)questions->items)[i].id, id))
			return (const struct question *)questions->items + i;
	return NULL;
}

static const struct booking_answer *answer_find(const struct list *answers, uuid question, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (uuid_same(((const struct booking_answer *)answers->items)[i].question_id, question))
			return (const struct booking_answer *)answers->items + i;
	return NULL;
}

static bool is_choice(const struct question *q, str value)
{
	for (size_t i = 0; i < q->choices.n; i++)
		if (str_is(((const struct question_choice *)q->choices.items)[i].text, value))
			return true;
	return false;
}

static bool is_phone(str s)
{
	size_t digits = 0;
	for (size_t i = 0; i < s.n; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9';
		digits += digit;
		if (!digit && s.p[i] != ' ' && s.p[i] != '-' && s.p[i] != '(' && s.p[i] != ')' &&
		    !(s.p[i] == '+' && i == 0))
			return false;
	}
	return digits >= 5 && digits <= 15;
}

static bool is_number(str s)
{
	str whole = str_cut(&s, '.');
	int64_t v;
	return str_to_int(whole, &v) && (!s.n || (s.p[0] != '-' && str_to_int(s, &v)));
}

/* What a value must be; NULL: it is. */
static const char *value_wants(const struct question *q, str value)
{
	if (!value.n)
		return NULL; /* whether it may be empty is the question's `required` */
	switch ((enum question_kind)q->kind) {
	case QUESTION_CHOICE:
		return is_choice(q, value) ? NULL : "must be one of the question's choices";
	case QUESTION_CHECKBOX:
		return str_is(value, S("true")) || str_is(value, S("false")) ? NULL : "must be \"true\" or \"false\"";
	case QUESTION_PHONE:
		return is_phone(value) ? NULL : "must be a phone number like +49 30 123456";
	case QUESTION_NUMBER:
		return is_number(value) ? NULL : "must be a number like 12 or 1.5";
	case QUESTION_TEXT:
		return RULE_LINE.holds(value) ? NULL : "must be one line";
	case QUESTION_LONG_TEXT:
		break;
	}
	return NULL;
}

void questions_check(struct cx *cx, const struct list *questions, const struct list *answers)
{
	const struct booking_answer *a = answers->items;
	for (size_t i = 0; i < answers->n; i++) {
		const struct question *q = question_find(questions, a[i].question_id);
		const char *wants = !q ? "answers a question that this event type does not ask"
				    : answer_find(answers, a[i].question_id, i) ? "answers its question twice"
										: value_wants(q, a[i].value);
		if (wants)
			fault_add(cx, str_format(&cx->arena, "/answers/%zu/value", i), "%s", wants);
	}
	for (size_t i = 0; i < questions->n; i++) {
		const struct question *q = (const struct question *)questions->items + i;
		const struct booking_answer *given = answer_find(answers, q->id, answers->n);
		bool answered =
		    given && given->value.n && !(q->kind == QUESTION_CHECKBOX && str_is(given->value, S("false")));
		if (q->required && !answered)
			fault_add(cx, S("/answers"), "the question \"%.*s\" must be answered", STR_ARG(q->label));
	}
}

struct list questions_answers(struct cx *cx, const struct list *questions, const struct list *answers)
{
	struct answer *rows = NEWS(&cx->arena, struct answer, answers->n + 1);
	size_t n = 0;
	for (size_t i = 0; i < answers->n; i++) {
		const struct booking_answer *a = (const struct booking_answer *)answers->items + i;
		const struct question *q = question_find(questions, a->question_id);
		if (q && a->value.n)
			rows[n++] = (struct answer){ .question_id = q->id, .label = q->label, .value = a->value };
	}
	return (struct list){ rows, n };
}
