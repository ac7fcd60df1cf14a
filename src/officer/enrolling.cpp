// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Enrolling: who comes with an invitation, from the first step (docs/spec/invitation.md) until the
// directory has him. What a step needs is stored before it is shown.

#include <utility>

#include "access/token.h"
#include "client/changes.h"
#include "client/compose.h"
#include "client/page_letters.h"
#include "client/pictures.h"
#include "officer/halls.h"
#include "officer/journal.h"
#include "officer/newcomers.h"
#include "officer/office.h"
#include "officer/pages.h"
#include "officer/succession.h"

namespace cercle::officer {
namespace {

using client::request_patience;

/// Whether nobody has been certified by it.
bool is_before_admission(InvitationStage stage) {
    return stage != InvitationStage::Admitted && stage != InvitationStage::Done;
}

protocol::AdmitDevice admission_of(const identity::EnrolmentRequest& request) {
    const auto keys = identity::inbox_keys(request.inbox_secret);
    return {request.device_key,
            request.inbox,
            {access::token_hash(access::Right::Deposit, keys.deposit_token)},
            request.inbox_reader};
}

bool is_open(InvitationStage stage) {
    return stage != InvitationStage::Burnt && stage != InvitationStage::Refused;
}

}  // namespace

net::Task<std::optional<Bytes>> Office::get_step(client::Session& session,
                                                 InvitationRow& row,
                                                 std::uint8_t step) {
    CO_TRY(auto found,
           co_await session.ask<protocol::Step>(
               protocol::GetStep{row.exchange, row.admitter.keys().token.copy(), step},
               core_.world.loop.in(request_patience)));
    if (found.contested != 0 && is_before_admission(row.stage)) {
        CO_TRY_VOID(burn(row, "two devices came with one invitation; it is withdrawn"));
        co_return std::optional<Bytes>();
    }
    co_return std::move(found.payload);
}

net::Task<void> Office::put_step(client::Session& session,
                                 const InvitationRow& row,
                                 std::uint8_t step,
                                 Bytes payload) {
    CO_TRY_VOID(co_await session.ask<protocol::Done>(
        protocol::PutStep{row.exchange, row.admitter.keys().token.copy(), step, std::move(payload)},
        core_.world.loop.in(request_patience)));
    co_return Result<void>();
}

net::Task<void> Office::attend(client::Session& session, InvitationRow row) {
    if (row.stage == InvitationStage::Offered) {
        CO_TRY(auto step0, co_await get_step(session, row, 0));
        if (!step0) co_return Result<void>();
        CO_TRY_VOID(answer(row, *std::move(step0)));
        if (row.stage != InvitationStage::Answered) co_return Result<void>();
    }
    if (row.stage == InvitationStage::Answered) {
        CO_TRY_VOID(co_await put_step(session, row, 1, *row.step1));
        CO_TRY(auto step2, co_await get_step(session, row, 2));
        if (!step2) co_return Result<void>();
        if (row.second_code == identity::SecondCode::None) {
            CO_TRY_VOID(hold(row, *std::move(step2)));
        } else {
            CO_TRY_VOID(co_await look_ahead(session, row));
            if (row.stage == InvitationStage::Answered) CO_TRY_VOID(admit(row, *step2));
        }
    }
    if (row.stage == InvitationStage::Waiting || row.stage == InvitationStage::Approved) {
        // Whether somebody else has come meanwhile; and news of it, since nothing is there yet.
        const auto seen = co_await look_ahead(session, row);
        const bool over = !seen && seen.error().code == Code::refused;
        if (over && row.stage == InvitationStage::Approved) {
            co_return burn(row, "it ran out before its newcomer could be admitted");
        }
        CO_TRY_VOID(seen);
        if (row.stage == InvitationStage::Approved) CO_TRY_VOID(admit(row, *row.step2));
    }
    if (row.stage != InvitationStage::Admitted) co_return Result<void>();
    // The relay must know the device before the device knows that it may come.
    CO_TRY_VOID(co_await give_orders(session));
    const auto put = co_await put_step(session, row, 3, *row.step3);
    if (!put) {
        const auto there = co_await get_step(session, row, 3);
        if (there && *there && **there != *row.step3) co_return shut_out(row);
    }
    const auto step4 = co_await get_step(session, row, 4);
    // The exchange is over, or somebody else wrote into it. The device is certified all the same,
    // and can be added like any other.
    const bool gone = !step4 && step4.error().code == Code::refused;
    if (gone) co_return welcome(row, std::nullopt);
    CO_TRY(const auto arrived, step4);
    if (!arrived) co_return put;
    auto package = row.admitter.open_step4(*arrived);
    // Another device's would bring that one in, and this one never.
    const auto owner = package ? client::owner_of_package(core_, *package)
                               : Result<identity::Passport>(std::unexpected(package.error()));
    const bool fits = owner && owner->device == *row.device;
    co_return welcome(row, fits ? std::optional(*std::move(package)) : std::nullopt);
}

/// What is to come after the admission may not be there before it: somebody else who has the
/// invitation would have written it, and kept the newcomer's from being read.
net::Task<void> Office::look_ahead(client::Session& session, InvitationRow& row) {
    for (const std::uint8_t step : {std::uint8_t{3}, std::uint8_t{4}}) {
        CO_TRY(const auto early, co_await get_step(session, row, step));
        if (!is_before_admission(row.stage) || !is_open(row.stage)) co_return Result<void>();
        if (early) {
            co_return burn(
                row, "somebody else who has it wrote in the officer's place; it is withdrawn");
        }
    }
    co_return Result<void>();
}

/// Certified, but what he would learn it by was written over before he could read it.
Result<void> Office::shut_out(InvitationRow& row) {
    TRY(auto device, core_.people.device(*row.device));
    if (device && !device->revoked) {
        std::vector<client::PersonDevice> shut;
        shut.push_back(*std::move(device));
        TRY_VOID(lose(shut));
    }
    return burn(row,
                "somebody else who has it kept the newcomer's certificate from him; that device is"
                " shut out, and he needs another invitation");
}

Result<void> Office::answer(InvitationRow& row, Bytes step0) {
    auto step1 = row.admitter.step1(step0, authority_.authority, core_.world.random);
    if (!step1) {
        return burn(row, "somebody came without the right code; the invitation is withdrawn");
    }
    row.stage = InvitationStage::Answered;
    row.step0 = std::move(step0);
    row.step1 = *std::move(step1);
    TRY(auto transaction, core_.database.begin());
    TRY_VOID(Register::update(transaction, row));
    return std::move(transaction).commit();
}

Result<void> Office::admit(InvitationRow& row, BytesView step2) {
    auto request = row.admitter.open_step2(*row.step0, *row.step1, step2);
    if (!request)
        return burn(row, "a request that does not hold came; the invitation is withdrawn");
    const auto admission = admission_of(*request);
    TRY(const bool names_another, register_.has_admitted(admission));
    if (names_another) {
        return burn(row,
                    "a request came that names another device's inbox or keys; it is withdrawn");
    }
    auto& random = core_.world.random;
    const WallTime now = core_.world.clock.wall();
    TRY(const auto replaced, register_.replaced(row.exchange));
    identity::DirectoryMember member{{}, row.name, row.role};
    TRY(member.sections, register_.sections(row.exchange));
    TRY(auto picture, register_.picture(row.exchange));
    if (replaced) {
        TRY(const auto before, core_.people.find(*replaced));
        if (before) member.sections = before->sections;
    }
    const identity::Passport passport{replaced.value_or(identity::MemberId::random(random)),
                                      identity::DeviceId::random(random),
                                      identity::Role::Member,
                                      request->signature_key};
    member.member = passport.member;
    member.blind.resize(identity::blind_size);
    random.fill(member.blind);
    TRY(const Hall hall, halls::with_room(core_, member.sections));
    TRY(const Bytes certificate, authority_.authority.certify(passport, now, random));
    TRY(auto transaction, core_.database.begin());
    TRY_VOID(enter_in_directory(transaction, member, passport, certificate, *request, now));
    if (picture) member.portrait = *std::move(picture);
    if (!replaced) {
        TRY_VOID(client::pictures::take(transaction, member.member, member.portrait));
    }
    TRY_VOID(halls::seat(transaction, passport.device, hall.log));
    TRY_VOID(Register::order(transaction, authority_.officer_key, admission));
    TRY_VOID(note_newcomer(transaction, passport.device));
    TRY(const auto pages, whole_directory(transaction, passport.device, member.sections));
    identity::EnrolmentAnswer answered;
    answered.root = authority_.authority.root().certificate().der;
    answered.certificate = certificate;
    answered.directory_log = hall.log;
    answered.directory = identity::sign_page(pages.front(), authority_.authority);
    // What has no place there comes by letter, before the Welcome to the hall.
    for (std::size_t part = 1; part < pages.size(); ++part) {
        TRY_VOID(client::write_page_letter(core_,
                                           transaction,
                                           request->inbox,
                                           request->inbox_secret,
                                           identity::sign_page(pages[part], authority_.authority)));
    }
    TRY(row.step3, row.admitter.step3(*row.step0, answered, random));
    row.device = passport.device;
    row.stage = InvitationStage::Admitted;
    TRY_VOID(Register::update(transaction, row));
    TRY_VOID(enter_in_journal(transaction,
                              authority_.authority,
                              now,
                              {.act = Act::Certify,
                               .invitation = row.exchange,
                               .member = passport.member,
                               .device = passport.device,
                               .name = row.name}));
    return std::move(transaction).commit();
}

Result<void> Office::welcome(InvitationRow& row, std::optional<Bytes> package) {
    TRY(const Hall hall, hall_of(*row.device));
    client::Change change;
    // He may never come: what the officer is told must not sound as if he had.
    const char* const tells = package ? " has joined"
                                      : " was admitted and has not come yet; if he cannot, report"
                                        " his device lost and invite him anew";
    if (package) {
        change.packages.push_back(*std::move(package));
    } else {
        TRY(const auto device, core_.people.device(*row.device));
        if (!device) return fail(Code::store_corrupt, "a certified device is not in the directory");
        change.add.push_back(device->member);
    }
    TRY_VOID(client::write_change(core_, hall.log, std::move(change)));
    // After the addition, so that the newcomer reads it, too: whoever was certified since his
    // first page was written is on it.
    // Stored as done last: a crash before repeats both, which then changes nothing.
    TRY_VOID(publish_since(*row.device));
    TRY_VOID(repeat_office_word(*row.device));
    TRY_VOID(repeat_relay_word(hall.log));
    row.stage = InvitationStage::Done;
    TRY(auto transaction, core_.database.begin());
    TRY_VOID(Register::update(transaction, row));
    TRY_VOID(std::move(transaction).commit());
    announce_(row.name + tells);
    return {};
}

Result<Hall> Office::hall_of(identity::DeviceId device) {
    TRY(auto transaction, core_.database.begin());
    TRY(const auto hall, halls::of(transaction, device));
    if (!hall) return fail(Code::store_corrupt, "a certified device has no place in the directory");
    return *hall;
}

Result<void> Office::repeat_office_word(identity::DeviceId device) {
    TRY(const auto word, word_again(core_, authority_, identity::Asks::Nothing));
    if (!word) return {};
    TRY(const auto found, core_.people.device(device));
    if (!found) return fail(Code::store_corrupt, "a certified device is not in the directory");
    TRY(auto transaction, core_.database.begin());
    TRY_VOID(write_word(
        core_.world.random, transaction, found->inbox, found->inbox_secret, word->reveal()));
    TRY_VOID(std::move(transaction).commit());
    wake();
    return {};
}

Result<void> Office::publish_since(identity::DeviceId device) {
    TRY(auto transaction, core_.database.begin());
    TRY(const auto halls, halls::all(transaction));
    for (const Hall& hall : halls) {
        TRY(const auto pages, directory_since(transaction, device, hall));
        TRY_VOID(halls::publish(core_, transaction, authority_.authority, hall, pages));
    }
    TRY_VOID(std::move(transaction).commit());
    core_.changed.notify_all();
    core_.work.set();
    return {};
}

}  // namespace cercle::officer
