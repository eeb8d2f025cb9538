/* pages - the handlers of each page, put together by routes.c: NAME_page answers GET, NAME_look, _prepare and _run POST. */
#ifndef API_PAGES_PAGES_H
#define API_PAGES_PAGES_H
#include "page.h"

enum err home_page(struct call *);
enum err reference_page(struct call *);
enum err app_page(struct call *);

enum err sign_up_page(struct call *);
enum err sign_up_look(struct call *);
enum err sign_up_prepare(struct call *);
enum err sign_up_run(struct call *);
enum err sign_up_code_page(struct call *);
enum err sign_up_code_look(struct call *);
enum err sign_up_code_run(struct call *);
enum err sign_up_again_look(struct call *);
enum err sign_up_again_run(struct call *);
enum err log_in_page(struct call *);
enum err log_in_look(struct call *);
enum err log_in_prepare(struct call *);
enum err log_in_run(struct call *);
enum err log_in_code_page(struct call *);
enum err log_in_code_look(struct call *);
enum err log_in_code_run(struct call *);
enum err log_out_run(struct call *);
enum err reset_page(struct call *);
enum err reset_look(struct call *);
enum err reset_run(struct call *);
enum err reset_code_page(struct call *);
enum err reset_code_look(struct call *);
enum err reset_code_prepare(struct call *);
enum err reset_code_run(struct call *);
enum err answer_page(struct call *);
enum err answer_yes_look(struct call *);
enum err answer_yes_run(struct call *);
enum err answer_no_look(struct call *);
enum err answer_no_run(struct call *);
enum err my_bookings_page(struct call *);
enum err my_bookings_look(struct call *);
enum err my_bookings_run(struct call *);

enum err profile_page(struct call *);
enum err book_page(struct call *);
enum err book_look(struct call *);
enum err book_run(struct call *);
enum err ask_page(struct call *);
enum err ask_look(struct call *);
enum err ask_run(struct call *);
enum err manage_page(struct call *);
enum err manage_file(struct call *);
enum err move_look(struct call *);
enum err move_run(struct call *);
enum err cancel_look(struct call *);
enum err cancel_run(struct call *);
enum err accept_look(struct call *);
enum err accept_run(struct call *);
enum err decline_look(struct call *);
enum err decline_run(struct call *);
enum err withdraw_look(struct call *);
enum err withdraw_run(struct call *);
enum err propose_look(struct call *);
enum err propose_run(struct call *);
enum err invite_look(struct call *);
enum err invite_run(struct call *);
enum err uninvite_look(struct call *);
enum err uninvite_run(struct call *);
enum err guest_page(struct call *);
enum err answer_look(struct call *);
enum err answer_run(struct call *);
#endif
