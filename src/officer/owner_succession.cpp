// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The commands about the office itself: officer backup, restore, resume, hand-over.
#include <filesystem>
#include <utility>

#include "client/offices.h"
#include "client/shown.h"
#include "client/vault.h"
#include "officer/backup.h"
#include "officer/owner.h"
#include "officer/succession.h"

namespace cercle::officer {
namespace {

using client::Device;

std::filesystem::path path_of(const Bytes& file) {
    return std::string(file.begin(), file.end());
}

Result<void> enter(client::Core& core,
                   store::Transaction& transaction,
                   const AuthorityRow& authority,
                   Act act,
                   const client::Person& whom) {
    return enter_in_journal(
        transaction,
        authority.authority,
        core.world.clock.wall(),
        {.act = act, .member = whom.member, .device = core.self.device, .name = whom.name});
}

Result<JournalHead> head_of(const std::vector<SignedEntry>& journal) {
    if (journal.empty()) return fail(Code::store_corrupt, "an office without a journal");
    return JournalHead{{journal.size()}, journal.back().hash()};
}

Result<client::Person> person_of(client::Core& core, identity::MemberId member) {
    TRY(auto person, core.people.find(member));
    if (!person) return fail(Code::unknown, "nobody in the circle has that id");
    return *std::move(person);
}

OfficeStands stands(OfficeStands::State state, const Gathered& so_far, std::string name) {
    return {state, so_far.devices, so_far.told, so_far.unknown, std::move(name)};
}

}  // namespace

Result<Office*> OfficerOwner::office_at_work() {
    TRY(Office * opened, office());
    TRY(const bool gathering, opened->is_gathering());
    if (!gathering) return opened;
    return fail(Code::office_gathering,
                "this office was restored, and has yet to hear what members' devices know; wait for"
                " them, or go on without the others: officer resume");
}

Result<void> OfficerOwner::check_whose_office() {
    TRY(Device * own, device());
    Register registered(own->core().database);
    TRY_VOID(registered.prepare());
    TRY_VOID(give_up_what_is_over(own->core()));
    TRY(const auto row, registered.succession());
    if (!row || row->stage < SuccessionStage::HandingOver) return {};
    if (row->stage == SuccessionStage::HandingOver) {
        return fail(
            Code::handed_over,
            "the office was handed over, and its successor has not taken it up yet; only the"
            " same again can be done: officer hand-over");
    }
    return fail(Code::handed_over, "the office is another machine's; see: cercle status");
}

net::Task<void> OfficerOwner::make_backup(MakeBackup command, const EventSink& sink) {
    CO_TRY(Office * opened, office_at_work());
    CO_TRY(Device * own, device());
    client::Core& core = own->core();
    CO_TRY(const auto person, person_of(core, core.self.member));
    // The act is in the journal that the file holds, and before the file is there.
    CO_TRY(auto transaction, core.database.begin());
    CO_TRY_VOID(enter(core, transaction, opened->authority(), Act::Backup, person));
    CO_TRY(const Backup backup, collect_backup(core, transaction, opened->authority()));
    CO_TRY(const Bytes sealed,
           seal_backup(backup, command.passphrase, world_.vault_cost, world_.random));
    CO_TRY_VOID(std::move(transaction).commit());
    CO_TRY_VOID(world_.disk.write(path_of(command.file), sealed));
    CO_TRY(const auto head, head_of(backup.journal));
    sink(BackupMade{head.number.value, head.text(), sealed.size()});
    co_return Result<void>();
}

net::Task<void> OfficerOwner::restore(Restore command,
                                      client::Waiting waiting,
                                      const EventSink& sink) {
    if (is_open()) {
        co_return fail(Code::home_taken,
                       "a device lives in this home already; use another: --home");
    }
    // Judged before a vault is made for it.
    CO_TRY(const Bytes sealed, world_.disk.read_bytes(path_of(command.file), largest_backup));
    CO_TRY(const Backup backup, open_backup(sealed, command.passphrase));
    CO_TRY(auto vault, vault_for_joining());
    CO_TRY_VOID(Register(vault).prepare());
    CO_TRY(const auto self, client::load_self(vault));
    if (self) {
        co_return fail(Code::home_taken,
                       "a device lives in this home already; use another: --home");
    }
    CO_TRY_VOID(restore_office(world_, vault, backup));
    CO_TRY_VOID(adopt(std::move(vault)));
    co_return co_await settle_office(waiting, sink);
}

net::Task<void> OfficerOwner::resume(client::Waiting waiting, const EventSink& sink) {
    CO_TRY(Office * opened, office());
    CO_TRY_VOID(opened->proceed());
    co_return co_await settle_office(waiting, sink);
}

net::Task<void> OfficerOwner::settle_office(client::Waiting waiting, const EventSink& sink) {
    CO_TRY(Office * opened, office());
    CO_TRY(Device * own, device());
    client::Core& core = own->core();
    Register registered(core.database);
    CO_TRY(const auto person, person_of(core, core.self.member));
    std::optional<Gathered> told;
    const auto settled = [&]() -> Result<bool> {
        TRY(const bool gathering, opened->is_gathering());
        if (gathering) {
            TRY(const Gathered now, gathered(core));
            if (told != now) sink(stands(OfficeStands::State::Gathering, now, person.name));
            told = now;
            return false;
        }
        TRY(const auto row, registered.succession());
        TRY(const bool given, opened->all_given());
        return given && (!row || row->stage == SuccessionStage::Done);
    };
    const auto waited =
        co_await own->wait_until(settled, Device::Patience::UntilDeadline, waiting.deadline);
    CO_TRY(const Gathered so_far, gathered(core));
    CO_TRY(const bool gathering, opened->is_gathering());
    if (!waited && waited.error().code != Code::deadline_passed) co_return waited;
    if (waited) {
        const auto sent = co_await own->settle(waiting.patience, waiting.deadline);
        if (!sent && sent.error().code == Code::closing) co_return sent;
    }
    if (!gathering) {
        sink(stands(OfficeStands::State::Open, so_far, person.name));
        if (waited) co_return Result<void>();
        co_return fail(Code::deadline_passed,
                       "in office; not every member could be taken along yet: leave"
                       " `cercle officer serve` running");
    }
    co_return fail(Code::office_gathering,
                   "restored; not every device has told what it knows: leave `cercle officer serve`"
                   " running, or go on without the others: officer resume");
}

net::Task<void> OfficerOwner::hand_over(HandOver command, const EventSink& sink) {
    CO_TRY(Device * own, device());
    client::Core& core = own->core();
    Register registered(core.database);
    CO_TRY_VOID(registered.prepare());
    CO_TRY_VOID(give_up_what_is_over(core));
    CO_TRY(const auto authority, registered.authority());
    CO_TRY(auto row, registered.succession());
    if (!authority && row) CO_TRY_VOID(check_whose_office());
    if (!authority) {
        co_return fail(Code::not_an_officer,
                       "this home is a member's; no circle was founded in it");
    }
    if (row && row->stage == SuccessionStage::Gathering) {
        co_return fail(Code::office_gathering,
                       "an office that was restored is handed over once it is open");
    }
    CO_TRY(const auto successor, core.people.resolve(command.to));
    CO_TRY(const auto person, person_of(core, successor));
    if (!row) row.emplace();
    row->stage = SuccessionStage::HandingOver;
    row->how = identity::Succession::HandedOver;
    row->machine = core.self.device;
    row->successor = successor;
    CO_TRY(auto transaction, core.database.begin());
    CO_TRY_VOID(enter(core, transaction, *authority, Act::HandOver, person));
    CO_TRY_VOID(Register::keep(transaction, *row));
    CO_TRY(Backup backup, collect_backup(core, transaction, *authority));
    backup.how = identity::Succession::HandedOver;
    backup.successor = successor;
    CO_TRY(const Bytes sealed,
           seal_backup(backup, command.passphrase, world_.vault_cost, world_.random));
    // From here on this machine is not in office, whatever becomes of the file: it can be made
    // again.
    CO_TRY_VOID(std::move(transaction).commit());
    if (office_ != nullptr) office_->wake();
    CO_TRY_VOID(world_.disk.write(path_of(command.file), sealed));
    sink(stands(OfficeStands::State::HandedOver, {}, person.name));
    co_return Result<void>();
}

}  // namespace cercle::officer
