/* questions - whether answers fit an event type's questions, and the rows they become. */
#ifndef API_QUESTIONS_H
#define API_QUESTIONS_H
#include "store/booking.h"

/* questions_check - notes by fault_add, at /answers/N/value: unknown or doubled questions, values that do not fit;
 * at /answers: required ones that are missing.   answers: of struct booking_answer */
void questions_check(struct cx *, const struct list *questions, const struct list *answers);

/* questions_answers - of struct answer, with each question as it was asked. */
struct list questions_answers(struct cx *, const struct list *questions, const struct list *answers);
#endif
