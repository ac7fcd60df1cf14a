// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/owner.h"

#include <utility>

#include "client/commands.h"
#include "client/drawer.h"
#include "client/guest_commands.h"
#include "client/joining.h"
#include "client/outcome.h"
#include "client/trust_file.h"
#include "client/vault.h"
#include "codec/tls.h"

namespace cercle::client {

Waiting waiting_of(const Request& request, const net::Loop& loop) {
    if (!request.timeout_seconds) {
        return {Device::Patience::UntilUnreachable, loop.in(usual_patience)};
    }
    return {Device::Patience::UntilDeadline,
            loop.in(std::chrono::seconds(*request.timeout_seconds))};
}

MemberOwner::MemberOwner(World& world, Settings settings)
    : world_(world),
      settings_(std::move(settings)) {}

MemberOwner::~MemberOwner() = default;

bool MemberOwner::is_locked() {
    if (is_open() || !has_vault(world_.disk, settings_.home)) return false;
    ask_for_passphrase();
    return !passphrase_;
}

void MemberOwner::ask_for_passphrase() {
    if (std::exchange(asked_, true) || !settings_.passphrase) return;
    auto given = settings_.passphrase();
    if (given && !given->empty()) passphrase_ = std::move(given);
}

Result<Secret> MemberOwner::passphrase() {
    ask_for_passphrase();
    if (!passphrase_) {
        return fail(Code::vault_locked,
                    "the vault is locked; give its passphrase by --pass-file or in a terminal");
    }
    return passphrase_->copy();
}

Result<void> MemberOwner::adopt(store::Database vault) {
    TRY(auto device, Device::create(world_, std::move(vault)));
    if (settings_.trust_file) {
        TRY_VOID(apply_trust_file(*settings_.trust_file, device->core().self));
    }
    TRY_VOID(device->start());
    device_ = std::move(device);
    // Asked for again if the vault has to be opened again; not kept until then.
    passphrase_.reset();
    asked_ = false;
    return {};
}

Result<void> MemberOwner::adopt_guest(store::Database vault) {
    TRY(guest_, Guest::create(world_, std::move(vault)));
    TRY_VOID(guest_->start());
    passphrase_.reset();
    asked_ = false;
    return {};
}

Result<Device*> MemberOwner::device() {
    TRY_VOID(open());
    if (device_ != nullptr) return device_.get();
    return fail(Code::unsupported,
                "this home is a guest's: it can read, and send text to the card's owner");
}

Result<void> MemberOwner::open() {
    if (is_open()) return {};
    if (!has_vault(world_.disk, settings_.home)) {
        return fail(Code::home_missing, "no device lives in this home; join with an invitation");
    }
    TRY(const Secret word, passphrase());
    TRY(auto vault, open_vault(world_, settings_.home, word));
    TRY(const auto guest, load_guest(vault));
    return guest ? adopt_guest(std::move(vault)) : adopt(std::move(vault));
}

Result<store::Database> MemberOwner::vault_for_joining() {
    TRY(const Secret word, passphrase());
    if (has_vault(world_.disk, settings_.home)) return open_vault(world_, settings_.home, word);
    return make_vault(world_, settings_.home, word);
}

net::Task<void> MemberOwner::stop() {
    if (guest_ != nullptr) {
        const auto stopped = co_await guest_->stop();
        guest_.reset();
        co_return stopped;
    }
    if (device_ == nullptr) co_return Result<void>();
    const auto stopped = co_await device_->stop();
    device_.reset();
    co_return stopped;
}

net::Task<Outcome> MemberOwner::perform(Request request, ByteSink sink) {
    if (request.area != Area::Client) {
        co_return Outcome{
            Exit::Busy, "home-busy", "a member's command owns this home at the moment; try again"};
    }
    auto command = codec::decode<Command>(request.command);
    if (!command) co_return outcome_of(command.error());
    const Waiting waiting = waiting_of(request, world_.loop);
    const EventSink events = [sink](const Event& event) { sink(codec::encode(event)); };
    if (auto* wish = std::get_if<Join>(&*command)) {
        if (identity::kind_of_code(wish->invitation) == identity::CodeKind::Card) {
            co_return outcome_of(co_await open_card(std::move(*wish), waiting, events));
        }
        co_return outcome_of(co_await join(std::move(*wish), waiting, events));
    }
    if (std::holds_alternative<ShowStatus>(*command) && is_locked()) {
        Status locked;
        locked.locked = 1;
        events(locked);
        co_return Outcome{};
    }
    if (const auto opened = open(); !opened) co_return outcome_of(opened.error());
    if (guest_ != nullptr) {
        co_return co_await perform_guest_command(*guest_, *std::move(command), waiting, events);
    }
    co_return co_await perform_command(*device_, *std::move(command), waiting, events);
}

net::Task<void> MemberOwner::open_card(Join command, Waiting waiting, const EventSink& sink) {
    if (device_ != nullptr) {
        co_return fail(Code::home_taken,
                       "a device of a circle lives in this home; open a card in an empty one:"
                       " --home");
    }
    Random& random = world_.random;
    const WallTime now = world_.clock.wall();
    if (guest_ == nullptr) {
        // Judged before a vault is made for it.
        if (!has_vault(world_.disk, settings_.home)) {
            CO_TRY_VOID(identity::CardCode::parse(command.invitation, now));
        }
        CO_TRY(auto vault, vault_for_joining());
        CO_TRY_VOID(begin_guest(vault, command.invitation, command.introduction, now, random));
        CO_TRY_VOID(adopt_guest(std::move(vault)));
    } else {
        CO_TRY_VOID(
            begin_guest(guest_->database(), command.invitation, command.introduction, now, random));
    }
    co_return co_await finish_claim(*guest_, waiting, sink);
}

net::Task<void> MemberOwner::join(Join command, Waiting waiting, const EventSink& sink) {
    if (guest_ != nullptr) co_return fail(Code::home_taken, "this home is a guest's");
    if (device_ == nullptr) {
        CO_TRY(auto vault, vault_for_joining());
        CO_TRY(const auto guest, load_guest(vault));
        if (guest) co_return fail(Code::home_taken, "this home is a guest's");
        CO_TRY_VOID(co_await join_circle(world_,
                                         vault,
                                         std::move(command.invitation),
                                         std::move(command.code),
                                         waiting,
                                         [&sink](const RequestShown& request) { sink(request); }));
        CO_TRY_VOID(adopt(std::move(vault)));
    } else {
        CO_TRY_VOID(check_joined_by(device_->core().database, command.invitation));
    }
    Core& core = device_->core();
    const auto noted = drawer::note_opened(core);
    if (!noted) world_.diary.fault(noted.error());
    // The Welcome to the directory's conversation is the last thing to come.
    const auto welcomed = [&core]() -> Result<bool> {
        TRY(const auto directory, core.conversations.directory());
        return directory.has_value();
    };
    // A person may have taken his time meanwhile.
    const net::Deadline until = waiting.patience == Device::Patience::UntilDeadline
                                    ? waiting.deadline
                                    : world_.loop.in(usual_patience);
    const auto waited =
        co_await device_->wait_until(welcomed, Device::Patience::UntilDeadline, until);
    // Joined all the same; whatever comes later comes by itself.
    if (!waited && waited.error().code != Code::deadline_passed) co_return waited;
    const Self& self = core.self;
    sink(Joined{self.circle().hex(),
                self.member.hex(),
                self.device.hex(),
                self.relay,
                self.relay_key.hex()});
    co_return Result<void>();
}

}  // namespace cercle::client
