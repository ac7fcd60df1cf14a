// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The circle's policy, as the officer sets and sees it; and what he is told of whether phones are
// used.

#include "client/drawer.h"
#include "client/policy_commands.h"
#include "client/shown.h"
#include "officer/owner.h"

namespace cercle::officer {

using client::Device;
using client::Waiting;

namespace {

ReportShown::State state_of(client::Figure::Kind kind) {
    switch (kind) {
        case client::Figure::Kind::Exactly:
            return ReportShown::State::Exactly;
        case client::Figure::Kind::AtMost:
            return ReportShown::State::AtMost;
        case client::Figure::Kind::AtLeast:
            return ReportShown::State::AtLeast;
        case client::Figure::Kind::Withheld:
            break;
    }
    return ReportShown::State::Withheld;
}

}  // namespace

net::Task<void> OfficerOwner::set_policy(SetPolicy command,
                                         Waiting waiting,
                                         const EventSink& sink) {
    CO_TRY(Office * opened, command.changes.empty() ? office() : office_at_work());
    CO_TRY(Device * own, device());
    if (!command.changes.empty()) CO_TRY_VOID(opened->set_policy(command.changes));
    CO_TRY(const client::PolicyShown policy, client::policy_shown(own->core()));
    sink(policy);
    if (command.changes.empty()) co_return Result<void>();
    const auto told = co_await own->settle(waiting.patience, waiting.deadline);
    if (!told && told.error().code != Code::closing) {
        co_return fail(Code::unreachable_peer,
                       "signed, and kept; devices hear of it as soon as the relay can be reached");
    }
    co_return told;
}

net::Task<void> OfficerOwner::show_report(Waiting waiting, const EventSink& sink) {
    CO_TRY(Office * opened, office());
    static_cast<void>(opened);
    CO_TRY(Device * own, device());
    const auto looked = co_await own->settle(waiting.patience, waiting.deadline);
    if (!looked && looked.error().code == Code::closing) co_return looked;
    CO_TRY(const client::drawer::Outlook seen, client::drawer::outlook(own->core()));
    ReportShown shown;
    shown.days = client::drawer_days;
    shown.threshold = seen.policy.rules.threshold;
    shown.policy = seen.policy.policy.number.value;
    shown.from = client::milliseconds(client::time_of(seen.from));
    if (seen.figure) {
        shown.state = state_of(seen.figure->kind);
        shown.phones = seen.figure->phones;
        shown.unopened = seen.figure->unopened;
    }
    sink(shown);
    if (!looked) {
        co_return fail(Code::unreachable_peer,
                       "the relay could not be asked for the newest reports: this is what was"
                       " known here before");
    }
    co_return Result<void>();
}

}  // namespace cercle::officer
