#include "booking_view.h"

static const struct field GUEST_VIEW[] = {
	FIELD(struct guest, id, OUT, .doc = "To remove the guest by; no permission by itself"),
	FIELD(struct guest, email, OUT, .doc = "The address"),
	FIELD(struct guest, name, OUT | MAYBE, .doc = "As the invitee gave it"),
	FIELD(struct guest, role, OUT, .choices = GUEST_ROLES,
	      .doc = "active takes part, passive is only told, co_host hosts too"),
	FIELD(struct guest, rsvp, OUT, .choices = GUEST_RSVPS, .doc = "What the guest answered"),
	FIELD_END,
};

static const struct field ANSWER_VIEW[] = {
	FIELD(struct answer, question_id, OUT, .doc = "Of the event type's questions"),
	FIELD(struct answer, label, OUT, .doc = "The question as it was asked"),
	FIELD(struct answer, value, OUT, .doc = "The answer"),
	FIELD_END,
};

#define PART(T, part, member, fl, text)                                                        \
	{                                                                                      \
		.name = #member, .type = FIELD_TYPE(T, part.member),                           \
		.at = offsetof(T, part.member) - offsetof(T, part), .flags = (fl), .doc = text \
	}

static const struct field EVENT_TYPE_PART[] = {
	PART(struct booking_view, event_type, id, OUT, "Its id"),
	PART(struct booking_view, event_type, code, OUT, "Part of its address"),
	PART(struct booking_view, event_type, title, OUT, "Its title"),
	FIELD_END,
};

static const struct field HOST_PART[] = {
	PART(struct booking_view, host, username, OUT | MAYBE,
	     "Part of the public address; null once the account is gone"),
	PART(struct booking_view, host, first_name, OUT, "First name"),
	PART(struct booking_view, host, last_name, OUT | MAYBE, "Last name"),
	PART(struct booking_view, host, time_zone, OUT, "The host's IANA zone"),
	FIELD_END,
};

static const struct field INVITEE_PART[] = {
	PART(struct booking_view, invitee, name, OUT, "As given"),
	PART(struct booking_view, invitee, email, OUT, "As proved"),
	PART(struct booking_view, invitee, time_zone, OUT, "The invitee's IANA zone"),
	FIELD_END,
};

static const struct field PROPOSAL_PART[] = {
	{ .name = "by",
	  .type = F_CHOICE,
	  .at = offsetof(struct booking_view, proposal.by) - offsetof(struct booking_view, proposal),
	  .flags = OUT,
	  .choices = PROPOSERS,
	  .doc = "Who proposed it: the other side answers" },
	{ .name = "starts",
	  .type = F_LIST,
	  .at = offsetof(struct booking_view, proposal.starts) - offsetof(struct booking_view, proposal),
	  .flags = OUT,
	  .of = PROPOSAL_START,
	  .size = sizeof(instant),
	  .doc = "The times, each held for it" },
	PART(struct booking_view, proposal, note, OUT | MAYBE, "In their words"),
	PART(struct booking_view, proposal, expires_at, OUT, "Until when they are held"),
	FIELD_END,
};

const struct field BOOKING_VIEW[] = {
	FIELD(struct booking_view, id, OUT, .doc = "The booking's id; no permission by itself"),
	FIELD(struct booking_view, uid, OUT, .doc = "UID of its calendar messages (RFC 5545)"),
	FIELD(struct booking_view, status, OUT, .choices = BOOKING_STATUSES, .doc = "Where it stands"),
	FIELD(struct booking_view, pending_until, OUT | MAYBE, .doc = "While pending: when it expires unanswered"),
	FIELD(struct booking_view, start, OUT, .doc = "Start"),
	FIELD(struct booking_view, end, OUT, .doc = "End, exclusive"),
	FIELD(struct booking_view, duration_minutes, OUT, .doc = "Length"),
	OBJECT(struct booking_view, event_type, OUT, EVENT_TYPE_PART, .doc = "What was booked"),
	OBJECT(struct booking_view, host, OUT, HOST_PART, .doc = "With whom"),
	OBJECT(struct booking_view, invitee, OUT, INVITEE_PART, .doc = "Who booked"),
	LIST(struct booking_view, guests, OUT, GUEST_VIEW, struct guest, .doc = "Who else is invited"),
	LIST(struct booking_view, answers, OUT, ANSWER_VIEW, struct answer, .doc = "What the invitee answered"),
	OBJECT(struct booking_view, location, OUT | MAYBE, LOCATION, .doc = "Where"),
	FIELD(struct booking_view, title, OUT, .doc = "What the meeting is called"),
	FIELD(struct booking_view, notes, OUT, .doc = "The invitee's, for the host"),
	FIELD(struct booking_view, description, OUT, .doc = "The host's, for everybody"),
	FIELD(struct booking_view, private_notes, OUT | MAYBE, .doc = "The host's own; null to everybody else"),
	OBJECT(struct booking_view, price, OUT | MAYBE, PRICE, .doc = "When it was booked"),
	FIELD(struct booking_view, metadata, OUT, .doc = "The embedding product's own"),
	FIELD(struct booking_view, send_mails, OUT, .doc = "false: invitee and guests get no mails of ours about it"),
	FIELD(struct booking_view, manage_url, OUT | MAYBE,
	      .doc = "The invitee's private page, with its token; told to "
		     "who books and to the invitee"),
	FIELD(struct booking_view, sequence, OUT, .doc = "Of RFC 5545: rises with every change of time or state"),
	FIELD(struct booking_view, version, OUT, .doc = "Rises with every change"),
	FIELD(struct booking_view, cancelled_by, OUT | MAYBE, .doc = "host or invitee"),
	FIELD(struct booking_view, cancel_reason, OUT | MAYBE, .doc = "In their words"),
	FIELD(struct booking_view, asked_at, OUT | MAYBE,
	      .doc = "When the host asked the invitee to choose another time; null again once it changes"),
	FIELD(struct booking_view, asked_reason, OUT | MAYBE, .doc = "Why, in the host's words"),
	OBJECT(struct booking_view, proposal, OUT | MAYBE, PROPOSAL_PART,
	       .doc = "Other times that wait for an answer"),
	FIELD(struct booking_view, created_at, OUT, .doc = "When it was booked"),
	FIELD(struct booking_view, updated_at, OUT, .doc = "Last change"),
	FIELD_END,
};

struct booking_view booking_view_make(struct cx *cx, const struct booking *b)
{
	char id[UUID_TEXT];
	const struct proposal none = { .expires_at = { NONE } };
	const struct proposal *p = proposal_is_open(&b->proposal, cx->now) ? &b->proposal : &none;
	return (struct booking_view){ .id = b->id,
				      .uid = str_format(&cx->arena, "%s@noonmark", uuid_format(id, b->id).p),
				      .status = b->status,
				      .pending_until = b->pending_until,
				      .start = b->start,
				      .end = b->end,
				      .duration_minutes = (b->end.s - b->start.s) / MINUTE_SECONDS,
				      .event_type = { b->event_type_id, b->event_code, b->event_title },
				      .host = { b->host_username, b->host_first_name, b->host_last_name,
						b->host_time_zone },
				      .invitee = { b->invitee_name, b->invitee_email, b->time_zone },
				      .guests = b->guests,
				      .answers = b->answers,
				      .location = b->location,
				      .title = b->title,
				      .notes = b->notes,
				      .description = b->description,
				      .price = b->price,
				      .metadata = b->metadata,
				      .send_mails = b->send_mails,
				      .sequence = b->sequence,
				      .version = b->version,
				      .cancelled_by = b->cancelled_by,
				      .cancel_reason = b->cancel_reason,
				      .asked_at = b->asked_at,
				      .asked_reason = b->asked_reason,
				      .proposal = { p->by, p->starts, p->note, p->expires_at },
				      .created_at = b->created_at,
				      .updated_at = b->updated_at };
}
