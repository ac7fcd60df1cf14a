// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/owner.h"

#include <utility>

#include "base/utf8.h"
#include "client/beside.h"
#include "client/errand.h"
#include "client/outcome.h"
#include "client/pictures.h"
#include "client/shown.h"
#include "client/vault.h"
#include "codec/tls.h"
#include "crypto/certificate.h"
#include "officer/founding.h"
#include "officer/halls.h"
#include "officer/journal.h"
#include "officer/pages.h"

namespace cercle::officer {
namespace {

using client::Device;
using client::Outcome;
using client::Waiting;

constexpr std::uint32_t longest_invitation = 60U * 60 * 24 * 30;

/// Reasons that no waiting cures.
bool is_final(Code code) {
    return code == Code::relay_claimed || code == Code::relay_key_mismatch ||
           code == Code::unsupported || code == Code::refused;
}

/// While the office serves.
void tell_of(const InvitationRow& row, const EventSink& sink) {
    sink(waiting_shown(row));
    sink(client::Notice{row.name +
                        " waits to be approved: have the six words read out to you, and give them"
                        " with `officer approve`"});
}

client::Joined joined_of(const client::Self& self) {
    return {self.circle().hex(),
            self.member.hex(),
            self.device.hex(),
            self.relay,
            self.relay_key.hex()};
}

}  // namespace

OfficerOwner::OfficerOwner(client::World& world, client::Settings settings)
    : MemberOwner(world, std::move(settings)) {}

OfficerOwner::~OfficerOwner() = default;

net::Task<void> OfficerOwner::stop() {
    if (tasks_ != nullptr) static_cast<void>(co_await tasks_->close());
    tasks_.reset();
    office_.reset();
    co_return co_await MemberOwner::stop();
}

net::Task<Outcome> OfficerOwner::perform(client::Request request, client::ByteSink sink) {
    if (request.area == client::Area::Client) {
        co_return co_await MemberOwner::perform(std::move(request), std::move(sink));
    }
    auto command = codec::decode<Command>(request.command);
    if (!command) co_return client::outcome_of(command.error());
    const Waiting waiting = client::waiting_of(request, world_.loop);
    const EventSink events = [sink](const Event& event) { sink(codec::encode(event)); };
    co_return client::outcome_of(co_await dispatch(*std::move(command), waiting, events));
}

net::Task<void> OfficerOwner::dispatch(Command command, Waiting waiting, const EventSink& sink) {
    if (auto* wish = std::get_if<Found>(&command)) {
        co_return co_await found(std::move(*wish), waiting, sink);
    }
    if (std::holds_alternative<Serve>(command)) co_return co_await serve(sink);
    if (auto* wish = std::get_if<Invite>(&command)) {
        co_return co_await invite(std::move(*wish), waiting, sink);
    }
    if (auto* wish = std::get_if<ConfirmRelay>(&command)) {
        co_return co_await confirm_relay(std::move(*wish), waiting, sink);
    }
    if (auto* wish = std::get_if<ReportLost>(&command)) {
        co_return co_await report_lost(std::move(*wish), waiting, sink);
    }
    if (std::holds_alternative<ListRequests>(command)) {
        co_return co_await list_requests(waiting, sink);
    }
    if (auto* wish = std::get_if<Approve>(&command)) {
        co_return co_await approve(std::move(*wish), waiting, sink);
    }
    if (const auto* wish = std::get_if<Refuse>(&command)) {
        CO_TRY(Office * opened, office_at_work());
        co_return opened->refuse(wish->request);
    }
    if (auto* wish = std::get_if<MakeBackup>(&command)) {
        co_return co_await make_backup(std::move(*wish), sink);
    }
    if (auto* wish = std::get_if<Restore>(&command)) {
        co_return co_await restore(std::move(*wish), waiting, sink);
    }
    if (std::holds_alternative<Resume>(command)) co_return co_await resume(waiting, sink);
    if (auto* wish = std::get_if<HandOver>(&command)) {
        co_return co_await hand_over(std::move(*wish), sink);
    }
    if (std::holds_alternative<ListDevices>(command)) co_return list_devices(sink);
    if (const auto* wish = std::get_if<ShowJournal>(&command)) {
        co_return show_journal(*wish, sink);
    }
    if (auto* wish = std::get_if<SetPolicy>(&command)) {
        co_return co_await set_policy(std::move(*wish), waiting, sink);
    }
    if (std::holds_alternative<ShowReport>(command)) {
        co_return co_await show_report(waiting, sink);
    }
    if (auto* wish = std::get_if<SetSections>(&command)) {
        co_return co_await set_sections(std::move(*wish), waiting, sink);
    }
    if (auto* wish = std::get_if<SetSight>(&command)) {
        co_return co_await set_sight(std::move(*wish), waiting, sink);
    }
    if (std::holds_alternative<ListSections>(command)) co_return list_sections(sink);
    if (auto* wish = std::get_if<SetPicture>(&command)) {
        co_return co_await set_picture(std::move(*wish), waiting, sink);
    }
    co_return list_members(sink);
}

Result<Office*> OfficerOwner::office() {
    TRY_VOID(check_whose_office());
    if (office_ != nullptr) return office_.get();
    TRY(Device * opened, device());
    Register registered(opened->core().database);
    TRY_VOID(registered.prepare());
    TRY(auto transaction, opened->core().database.begin());
    TRY_VOID(begin_log(transaction));
    TRY_VOID(halls::adopt(transaction));
    TRY_VOID(std::move(transaction).commit());
    TRY(auto authority, registered.authority());
    if (!authority) {
        return fail(Code::not_an_officer, "this home is a member's; no circle was founded in it");
    }
    office_ = std::make_unique<Office>(*opened, *std::move(authority));
    tasks_ = std::make_unique<net::TaskGroup>(world_.loop, world_.diary);
    TRY_VOID(tasks_->spawn(office_->run()));
    return office_.get();
}

Result<void> OfficerOwner::prepare_vault(const Found& command) {
    TRY(const auto address, net::Address::parse(command.relay));
    const auto relay_key = identity::RelayFingerprint::from_hex(command.relay_key);
    if (!relay_key) {
        return fail(Code::invalid_argument,
                    "the relay's key is 64 hexadecimal digits, as cercle-relay prints it");
    }
    if (!is_name(command.name)) {
        return fail(Code::invalid_text,
                    "a circle's name is 1 to 200 bytes of visible characters, without tricks");
    }
    TRY(auto vault, vault_for_joining());
    Register registered(vault);
    TRY_VOID(registered.prepare());
    TRY(const auto there, registered.authority());
    TRY(const auto self, client::load_self(vault));
    if (!there && self) {
        return fail(Code::home_taken, "a device of a circle lives in this home already");
    }
    if (there) {
        const bool same = there->circle_name == command.name && self &&
                          self->relay == address.text() && self->relay_key == *relay_key;
        if (!same) return fail(Code::home_taken, "another circle was founded in this home already");
    } else {
        TRY_VOID(found_circle(world_, vault, command.name, address.text(), *relay_key));
    }
    return adopt(std::move(vault));
}

net::Task<void> OfficerOwner::found(Found command, Waiting waiting, const EventSink& sink) {
    if (is_open()) {
        co_return fail(Code::home_taken, "another process is at work in this home; end it first");
    }
    const bool made_now = !client::has_vault(world_.disk, settings_.home);
    CO_TRY_VOID(prepare_vault(command));
    CO_TRY(Office * founded, office());
    CO_TRY(Device * opened, device());
    client::Core& core = opened->core();
    CO_TRY(const auto there, halls::all(core.database));
    if (there.empty()) CO_TRY_VOID(halls::with_room(core, {}));
    const auto ready = [founded, &core]() -> Result<bool> {
        if (const auto& failure = founded->failure(); failure && is_final(failure->code)) {
            return std::unexpected(*failure);
        }
        TRY(const auto directory, core.conversations.directory());
        TRY(const bool given, founded->all_given());
        return founded->claimed() && given && directory &&
               directory->state == client::ConversationState::Open;
    };
    const auto waited =
        co_await opened->wait_until(ready, Device::Patience::UntilDeadline, waiting.deadline);
    if (!waited && founded->failure() && waited.error().code == Code::deadline_passed) {
        co_return std::unexpected(*founded->failure());
    }
    if (!waited && made_now && !founded->claimed() && is_final(waited.error().code)) {
        // Nothing has come of it: the home is as it was before this command. One that was there
        // before keeps its key, whatever a relay says.
        static_cast<void>(co_await stop());
        client::remove_vault(world_, settings_.home);
    }
    CO_TRY_VOID(waited);
    sink(Founded{joined_of(core.self)});
    co_return Result<void>();
}

net::Task<void> OfficerOwner::serve(const EventSink& sink) {
    CO_TRY(Office * opened, office());
    opened->set_announce(
        [sink](std::string sentence) { sink(client::Notice{std::move(sentence)}); });
    opened->set_on_request([sink](const InvitationRow& row) { tell_of(row, sink); });
    opened->set_daily(Office::Daily::Yes);
    sink(Serving{opened->authority().authority.root().circle().hex()});
    CO_TRY(const auto waiting, opened->requests());
    for (const InvitationRow& row : waiting)
        tell_of(row, sink);
    const auto ended = co_await opened->retired().wait(net::Deadline::never());
    opened->set_daily(Office::Daily::No);
    opened->set_announce([](const std::string& /*sentence*/) {});
    opened->set_on_request([](const InvitationRow& /*row*/) {});
    if (ended) co_return check_whose_office();
    // Being stopped is how serving ends well.
    if (!ended && ended.error().code == Code::closing) co_return Result<void>();
    co_return ended;
}

net::Task<void> OfficerOwner::invite(Invite command, Waiting waiting, const EventSink& sink) {
    CO_TRY(Device * own, device());
    std::optional<identity::MemberId> returning;
    if (!command.replaces.empty()) {
        CO_TRY(client::Person person, replaced(own->core(), command.replaces));
        returning = person.member;
        command.name = std::move(person.name);
        command.role = std::move(person.role);
    }
    if (!is_name(command.name) || (!command.role.empty() && !is_name(command.role))) {
        co_return fail(Code::invalid_text,
                       "a name is 1 to 200 bytes of visible characters, without tricks");
    }
    if (command.expires_seconds == 0 || command.expires_seconds > longest_invitation) {
        co_return fail(Code::invalid_argument, "an invitation lives for up to 30 days");
    }
    identity::Sections sections(command.sections.begin(), command.sections.end());
    CO_TRY_VOID(identity::check_sections(sections));
    if (returning && !sections.empty()) {
        co_return fail(Code::invalid_argument,
                       "whoever returns is in his sections; to change them: officer section");
    }
    if (returning && !command.picture.empty()) {
        co_return fail(Code::invalid_argument,
                       "whoever returns has his picture; to change it: officer picture");
    }
    std::optional<Bytes> picture;
    if (!command.picture.empty()) {
        CO_TRY(picture, client::pictures::read_file(to_text(command.picture)));
    }
    CO_TRY(Office * opened, office_at_work());
    CO_TRY(const auto namesakes, own->core().people.all());
    for (const client::Person& person : namesakes) {
        if (person.name != command.name || person.member == returning) continue;
        sink(
            client::Notice{"somebody is called that already; members will have to tell the two"
                           " apart by their ids"});
        break;
    }
    CO_TRY(const auto twin, own->core().people.look_alike(command.name, returning));
    if (twin) {
        co_return fail(Code::looks_alike,
                       "a member's name looks the same, and nobody could tell the two apart: write"
                       " this one so that people can");
    }
    CO_TRY(const bool awaited, opened->awaits_look_alike(command.name));
    if (awaited) {
        co_return fail(Code::looks_alike,
                       "an invitation is out for a name that looks the same: write this one so that"
                       " people can tell the two apart");
    }
    CO_TRY(
        auto made,
        opened->invite({std::move(command.name),
                        std::move(command.role),
                        std::chrono::seconds(command.expires_seconds),
                        command.attendance == Attendance::Unattended ? identity::SecondCode::Needed
                                                                     : identity::SecondCode::None,
                        std::move(sections),
                        returning,
                        std::move(picture)}));
    const auto known = [opened]() -> Result<bool> { return opened->all_given(); };
    const auto waited = co_await own->wait_until(known, waiting.patience, waiting.deadline);
    sink(Invited{made.exchange.hex(),
                 std::move(made.text),
                 client::milliseconds(made.expires),
                 std::move(made.code)});
    if (!waited && waited.error().code != Code::closing) {
        co_return fail(
            Code::unreachable_peer,
            "made, but the relay does not know it yet; it will as soon as it is reached");
    }
    co_return waited;
}

net::Task<void> OfficerOwner::confirm_relay(ConfirmRelay command,
                                            Waiting waiting,
                                            const EventSink& sink) {
    const auto key = identity::RelayFingerprint::from_hex(command.key);
    if (!key) {
        co_return fail(Code::invalid_argument,
                       "the relay's key is 64 hexadecimal digits, as cercle-relay prints it");
    }
    CO_TRY(Office * opened, office_at_work());
    CO_TRY(Device * own, device());
    client::Core& core = own->core();
    // Which key the relay has now, this machine learns by calling it anew.
    CO_TRY(auto session, co_await client::open_beside(core, waiting.deadline));
    Result<void> followed;
    if (const auto successor = session->relay_successor()) {
        followed = client::follow_relay(core.database, core.self, {successor->bytes});
    }
    static_cast<void>(co_await session->close());
    CO_TRY_VOID(followed);
    CO_TRY_VOID(opened->confirm_relay(*key));
    const auto told = co_await own->settle(waiting.patience, waiting.deadline);
    sink(client::Notice{"confirmed: members' devices hear of it in the directory"});
    if (!told && told.error().code != Code::closing) {
        co_return fail(Code::unreachable_peer,
                       "kept, and told to everybody as soon as the relay can be reached");
    }
    co_return told;
}

net::Task<void> OfficerOwner::approve(Approve command, Waiting waiting, const EventSink& sink) {
    CO_TRY(Office * opened, office_at_work());
    CO_TRY(Device * own, device());
    CO_TRY(const auto exchange, opened->approve(command.request, command.words));
    const auto settled = [opened, exchange]() -> Result<bool> {
        TRY(const auto row, opened->standing(exchange));
        return row.stage != InvitationStage::Approved;
    };
    const auto waited = co_await own->wait_until(settled, waiting.patience, waiting.deadline);
    if (!waited) {
        if (waited.error().code == Code::closing) co_return waited;
        co_return fail(Code::unreachable_peer,
                       "approved; it is done as soon as the relay is reached");
    }
    CO_TRY(const auto row, opened->standing(exchange));
    if (!row.device) {
        co_return fail(Code::invitation_spent,
                       "somebody else came with this invitation, too, or it ran out: it is"
                       " withdrawn, and nobody was admitted");
    }
    CO_TRY(const auto device, own->core().people.device(*row.device));
    if (!device) co_return fail(Code::store_corrupt, "a certified device is not in the directory");
    CO_TRY(const auto person, own->core().people.find(device->member));
    if (!person) co_return fail(Code::store_corrupt, "a device in the directory is nobody's");
    co_return show_member(*person, sink);
}

namespace {

/// For who owns the home, and may stand elsewhere.
Bytes encode_for_owner(const Command& command) {
    if (const auto* wish = std::get_if<Invite>(&command)) {
        Invite named = *wish;
        named.picture = client::absolute(named.picture);
        return codec::encode(Command(std::move(named)));
    }
    if (const auto* wish = std::get_if<SetPicture>(&command)) {
        return codec::encode(Command(SetPicture{wish->member, client::absolute(wish->file)}));
    }
    return codec::encode(command);
}

}  // namespace

client::Outcome perform(const client::Settings& settings,
                        const Command& command,
                        const EventSink& sink) {
    const client::Errand errand{
        [&]() -> client::Request {
            return {client::Area::Officer, client::timeout_of(settings), encode_for_owner(command)};
        },
        std::holds_alternative<Serve>(command) ? client::Lasting::Yes : client::Lasting::No};
    const client::ByteSink bytes = [&sink](Bytes encoded) {
        if (auto event = codec::decode<Event>(encoded)) sink(*event);
    };
    return client::run_in_home(
        settings, errand, bytes, [](client::World& world, const client::Settings& own) {
            return std::make_unique<OfficerOwner>(world, own);
        });
}

}  // namespace cercle::officer
