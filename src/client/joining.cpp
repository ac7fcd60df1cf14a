// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/joining.h"

#include <algorithm>
#include <utility>

#include "client/circle_policy.h"
#include "client/inbox.h"
#include "client/offices.h"
#include "client/rotation.h"
#include "client/saved_keys.h"
#include "client/shown.h"
#include "client/vigil.h"
#include "codec/tls.h"
#include "identity/enrolment.h"

namespace cercle::client {
namespace {

using namespace std::chrono_literals;
using identity::EnrolmentKeys;
using identity::Invitation;
using identity::Newcomer;

/// How long a newcomer hears nothing before asking whether the relay is still there.
constexpr Duration longest_silence = 15s;
constexpr Duration pause_without_relay = 1s;

Secret save_keys(const Keys& keys) {
    SavedKeys saved;
    saved.signature_key = keys.signature_key.secret().copy();
    saved.device_key = keys.device_key.secret().copy();
    saved.inbox_reader = keys.inbox_reader.secret().copy();
    saved.inbox = keys.inbox;
    saved.inbox_secret = keys.inbox_secret.copy();
    return codec::encode_secret(saved);
}

Result<Keys> load_keys(const Secret& bytes) {
    constexpr auto ed25519 = crypto::SignatureAlgorithm::Ed25519;
    TRY(SavedKeys saved, codec::decode<SavedKeys>(bytes.reveal()));
    TRY(auto signature, crypto::SigningKey::from_secret(ed25519, saved.signature_key.reveal()));
    TRY(auto device, crypto::SigningKey::from_secret(ed25519, saved.device_key.reveal()));
    TRY(auto reader, crypto::SigningKey::from_secret(ed25519, saved.inbox_reader.reveal()));
    return Keys{std::move(signature),
                std::move(device),
                std::move(reader),
                saved.inbox,
                std::move(saved.inbox_secret)};
}

/// What the vault remembers of an enrolment under way.
struct Enrolment {
    std::string invitation;
    Keys keys;
    Newcomer newcomer;
    Bytes step0;
    std::optional<Bytes> step1;
    std::optional<Bytes> step2;
    std::optional<Bytes> step4;
};

Result<std::optional<Enrolment>> load_enrolment(store::Database& database) {
    TRY(auto row,
        (database.one<std::string,
                      Secret,
                      Secret,
                      Bytes,
                      std::optional<Bytes>,
                      std::optional<Bytes>,
                      std::optional<Bytes>>(
            "SELECT invitation, keys, newcomer, step0, step1, step2, step4 FROM enrolment")));
    if (!row) return std::optional<Enrolment>();
    auto& [invitation, saved_keys, saved_newcomer, step0, step1, step2, step4] = *row;
    TRY(auto keys, load_keys(saved_keys));
    TRY(auto newcomer, Newcomer::load(saved_newcomer.reveal()));
    return std::optional<Enrolment>(Enrolment{std::move(invitation),
                                              std::move(keys),
                                              std::move(newcomer),
                                              std::move(step0),
                                              std::move(step1),
                                              std::move(step2),
                                              std::move(step4)});
}

Result<void> begin_enrolment(World& world,
                             store::Database& database,
                             const Invitation& invitation,
                             const std::string& text,
                             std::string_view code) {
    const Keys keys = Keys::generate(world.random);
    identity::EnrolmentRequest request;
    request.signature_key = keys.signature_key.public_key();
    request.device_key = public_id<protocol::DeviceKey>(keys.device_key);
    request.inbox = keys.inbox;
    request.inbox_reader = public_id<protocol::ReaderKey>(keys.inbox_reader);
    request.inbox_secret = keys.inbox_secret.copy();
    const auto newcomer = Newcomer::begin(
        EnrolmentKeys::derive(invitation.secret, code), std::move(request), world.random);
    TRY(auto transaction, database.begin());
    // A fresh start: an enrolment that was begun with another invitation is given up.
    TRY_VOID(transaction.run("DELETE FROM enrolment"));
    TRY_VOID(transaction.run(
        "INSERT INTO enrolment (one, invitation, keys, newcomer, step0) VALUES (1, ?1, ?2, ?3, ?4)",
        text,
        save_keys(keys),
        newcomer.save(),
        newcomer.step0(world.random)));
    return std::move(transaction).commit();
}

/// Whatever the relay refuses here means one thing to a person.
Result<void> spent(Result<protocol::Done> answer) {
    if (answer) return {};
    const bool refused = answer.error().code == Code::refused;
    if (!refused) return std::unexpected(answer.error());
    return fail(Code::invitation_spent, "this invitation was used, withdrawn or is unknown");
}

net::Task<void> put_step(
    World& world, Session& session, const EnrolmentKeys& keys, std::uint8_t step, Bytes payload) {
    auto answer = co_await session.ask<protocol::Done>(
        protocol::PutStep{keys.exchange, keys.token.copy(), step, std::move(payload)},
        world.loop.in(request_patience));
    co_return spent(std::move(answer));
}

/// A request that a person has to approve, and whoever waits for that.
struct Approval {
    enum class Kind : std::uint8_t { Automatic, ByPerson } kind = Kind::Automatic;
    Waiting waiting;
    ShowRequest show;
    bool shown = false;
};

std::unexpected<Error> still_waiting(const Approval& approval) {
    if (approval.shown) {
        return fail(Code::deadline_passed,
                    "nobody has approved this device yet; run the same command again to go on");
    }
    return fail(Code::deadline_passed,
                "the officer has not answered yet; run the same command again to go on");
}

net::Task<Bytes> wait_for_step(World& world,
                               Session& session,
                               const EnrolmentKeys& keys,
                               std::uint8_t step,
                               net::Event& moved,
                               const Approval& approval) {
    const net::Deadline deadline = approval.waiting.deadline;
    while (true) {
        moved.reset();
        auto answer = co_await session.ask<protocol::Step>(
            protocol::GetStep{keys.exchange, keys.token.copy(), step}, deadline);
        if (!answer && answer.error().code == Code::refused) {
            co_return fail(Code::invitation_spent,
                           "this invitation was used, withdrawn or is unknown");
        }
        if (!answer && answer.error().code == Code::deadline_passed) {
            co_return still_waiting(approval);
        }
        CO_TRY(auto found, std::move(answer));
        if (found.payload) co_return *std::move(found.payload);
        // Asked again now and then: a connection that is gone says nothing.
        const auto waited =
            co_await moved.wait(deadline.but_at_most(world.loop.in(longest_silence)));
        if (waited || waited.error().code == Code::deadline_passed) {
            if (deadline.passed(world.loop.clock())) co_return still_waiting(approval);
            continue;
        }
        co_return std::unexpected(waited.error());
    }
}

Result<void> settle_identity(World& world,
                             store::Database& database,
                             const Invitation& invitation,
                             Enrolment enrolment,
                             identity::EnrolmentAnswer answer) {
    const WallTime now = world.clock.wall();
    TRY(auto root, identity::Root::from(answer.root));
    TRY(const auto passport, root.judge(answer.certificate, now));
    TRY(const auto page, identity::open_page(answer.directory.reveal(), root, now));
    if (page.reader && page.reader != passport.device) {
        return fail(Code::misdeclared, "a first page for another device");
    }
    // A circle that this build cannot talk in is refused here, and not at its first conversation.
    TRY_VOID(suite_of(page.suite));
    Keys& keys = enrolment.keys;
    const Self self{invitation.relay,
                    invitation.relay_key,
                    passport.member,
                    passport.device,
                    std::move(root),
                    std::move(answer.certificate),
                    std::move(keys.signature_key),
                    std::move(keys.device_key),
                    keys.inbox,
                    std::move(keys.inbox_secret),
                    std::move(keys.inbox_reader),
                    page.suite};
    TRY(auto transaction, database.begin());
    TRY_VOID(store_self(transaction, self));
    TRY_VOID(transaction.run("UPDATE self SET directory = ?1", answer.directory_log));
    TRY_VOID(vigil::begin(transaction, page));
    TRY_VOID(People::take_page(transaction, world.random, page));
    TRY_VOID(offices::keep_page(transaction, page.number, answer.directory.reveal()));
    if (page.policy) TRY_VOID(circle_policy::take(transaction, *page.policy, self.root, now));
    TRY_VOID(rotation::begin(transaction));
    return std::move(transaction).commit();
}

/// Up to the request, which is made once and then only sent again.
net::Task<void> make_request(World& world,
                             store::Database& database,
                             const Invitation& invitation,
                             Session& session,
                             net::Event& moved,
                             Enrolment& enrolment,
                             const Approval& approval) {
    const EnrolmentKeys& keys = enrolment.newcomer.keys();
    CO_TRY(enrolment.step1, co_await wait_for_step(world, session, keys, 1, moved, approval));
    auto step2 = enrolment.newcomer.step2(enrolment.step0,
                                          *enrolment.step1,
                                          invitation.circle,
                                          enrolment.keys.signature_key,
                                          world.random);
    CO_TRY(enrolment.step2, std::move(step2));
    CO_TRY(auto transaction, database.begin());
    CO_TRY_VOID(transaction.run(
        "UPDATE enrolment SET step1 = ?1, step2 = ?2", enrolment.step1, enrolment.step2));
    co_return std::move(transaction).commit();
}

/// The request is at the relay: from here on a person decides.
void show_words(const World& world,
                const Invitation& invitation,
                const Enrolment& enrolment,
                Approval& approval) {
    if (approval.kind == Approval::Kind::Automatic || std::exchange(approval.shown, true)) return;
    RequestShown request;
    request.request = enrolment.newcomer.keys().exchange.hex();
    request.kind = "join";
    request.words = enrolment.newcomer.words(enrolment.step0, *enrolment.step1);
    request.expires = milliseconds(invitation.expires);
    approval.show(request);
    if (approval.waiting.patience == Device::Patience::UntilDeadline) return;
    const Duration left =
        std::chrono::duration_cast<Duration>(invitation.expires - world.clock.wall());
    approval.waiting.deadline = world.loop.in(std::max(left, Duration{0}));
}

net::Task<void> walk_steps(World& world,
                           store::Database& database,
                           const Invitation& invitation,
                           Session& session,
                           net::Event& moved,
                           Approval& approval) {
    CO_TRY(auto loaded, load_enrolment(database));
    if (!loaded) co_return fail(Code::store_corrupt, "the enrolment is gone from the vault");
    Enrolment enrolment = *std::move(loaded);
    const EnrolmentKeys& keys = enrolment.newcomer.keys();
    CO_TRY_VOID(co_await put_step(world, session, keys, 0, enrolment.step0));
    if (!enrolment.step2) {
        CO_TRY_VOID(co_await make_request(
            world, database, invitation, session, moved, enrolment, approval));
    }
    CO_TRY_VOID(co_await put_step(world, session, keys, 2, *enrolment.step2));
    show_words(world, invitation, enrolment, approval);
    CO_TRY(const Bytes step3, co_await wait_for_step(world, session, keys, 3, moved, approval));
    CO_TRY(auto answer,
           enrolment.newcomer.open_step3(step3, invitation.circle, world.clock.wall()));
    co_return settle_identity(world, database, invitation, std::move(enrolment), std::move(answer));
}

net::Task<std::unique_ptr<Session>> open_as_newcomer(World& world,
                                                     std::string relay,
                                                     identity::RelayFingerprint relay_key,
                                                     net::Event& moved,
                                                     net::Deadline deadline) {
    CO_TRY(auto address, net::Address::parse(relay));
    co_return co_await Session::open(
        world,
        std::move(address),
        {relay_key.bytes},
        Session::Who::Newcomer,
        nullptr,
        [&moved](const News& /*news*/) { moved.set(); },
        deadline);
}

/// One session's worth of it.
net::Task<void> walk_once(World& world,
                          store::Database& database,
                          const Invitation& invitation,
                          net::Event& moved,
                          Approval& approval) {
    const net::Deadline deadline =
        approval.shown ? approval.waiting.deadline.but_at_most(world.loop.in(request_patience))
                       : approval.waiting.deadline;
    CO_TRY(
        auto session,
        co_await open_as_newcomer(world, invitation.relay, invitation.relay_key, moved, deadline));
    const auto walked = co_await walk_steps(world, database, invitation, *session, moved, approval);
    static_cast<void>(co_await session->close());
    co_return walked;
}

}  // namespace

Result<void> check_joined_by(store::Database& database, const std::string& invitation) {
    TRY(const auto under_way, load_enrolment(database));
    if (under_way && under_way->invitation == invitation) return {};
    return fail(Code::home_taken, "a device of a circle lives in this home already");
}

net::Task<void> join_circle(World& world,
                            store::Database& database,
                            std::string text,
                            std::string code,
                            Waiting waiting,
                            ShowRequest show) {
    CO_TRY(const auto under_way, load_enrolment(database));
    CO_TRY(const auto self, load_self(database));
    const bool resumed = under_way && under_way->invitation == text;
    if (self) co_return check_joined_by(database, text);
    CO_TRY(const auto invitation, Invitation::parse(text, world.clock.wall()));
    const bool automatic = invitation.second_code == identity::SecondCode::Needed;
    // What an attended invitation does not ask for is no part of it.
    if (!automatic) code.clear();
    if (!resumed) {
        if (automatic && code.empty()) {
            co_return fail(
                Code::code_needed,
                "this invitation needs its second code, which came by another way: --code");
        }
        CO_TRY_VOID(begin_enrolment(world, database, invitation, text, code));
    }
    net::Event moved(world.loop);
    Approval approval{
        automatic ? Approval::Kind::Automatic : Approval::Kind::ByPerson, waiting, std::move(show)};
    while (true) {
        const auto walked = co_await walk_once(world, database, invitation, moved, approval);
        // Two people are talking: a relay that is away for a while is no reason to stop them.
        const bool goes_on = !walked && approval.shown &&
                             (walked.error().code == Code::unreachable_peer ||
                              (walked.error().code == Code::deadline_passed &&
                               !approval.waiting.deadline.passed(world.loop.clock())));
        if (!goes_on) co_return walked;
        CO_TRY_VOID(co_await world.loop.wait_until(
            approval.waiting.deadline.but_at_most(world.loop.in(pause_without_relay))));
        if (approval.waiting.deadline.passed(world.loop.clock())) co_return still_waiting(approval);
    }
}

net::Task<void> finish_joining(Core& core, net::Deadline deadline) {
    CO_TRY(auto loaded, load_enrolment(core.database));
    if (!loaded) co_return Result<void>();
    Enrolment enrolment = *std::move(loaded);
    if (!enrolment.step1) co_return Result<void>();
    if (!enrolment.step4) {
        CO_TRY(auto transaction, core.database.begin());
        CO_TRY(const Bytes package, make_package(core, transaction));
        CO_TRY(enrolment.step4,
               enrolment.newcomer.step4(*enrolment.step1, package, core.world.random));
        CO_TRY_VOID(transaction.run("UPDATE enrolment SET step4 = ?1", enrolment.step4));
        CO_TRY_VOID(std::move(transaction).commit());
    }
    net::Event moved(core.world.loop);
    CO_TRY(auto session,
           co_await open_as_newcomer(
               core.world, core.self.relay, core.self.relay_key, moved, deadline));
    const auto put =
        co_await put_step(core.world, *session, enrolment.newcomer.keys(), 4, *enrolment.step4);
    static_cast<void>(co_await session->close());
    // Refused: the exchange was cleared away, so the officer has had it.
    if (!put && put.error().code != Code::invitation_spent) co_return put;
    CO_TRY(auto transaction, core.database.begin());
    CO_TRY_VOID(transaction.run("UPDATE enrolment SET step1 = NULL"));
    co_return std::move(transaction).commit();
}

}  // namespace cercle::client
