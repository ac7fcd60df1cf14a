// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/stage/absent.h"

#include "tests/town/desktop.h"
#include "tests/town/town.h"

namespace cercle::stage {
namespace {

using town::Town;

store::SimulatedDisk::Image image_of(Town& town, const std::string& home) {
    town.close(home);
    return town.machine(home).disk.image();
}

std::unique_ptr<client::Device> wake(client::World& world, const std::string& name) {
    return must(client::Device::create(
        world,
        must(
            client::open_vault(world, "/home/" + name, Secret::copy_of(view_of("a passphrase"))))));
}

/// Everything in the log that the device has not read.
Unread unread(relay::LogStore& relay, protocol::LogId log, protocol::Seq read) {
    Unread found{log, {}};
    must(relay.look([&](relay::LogTables& tables) -> Result<void> {
        TRY(found.entries,
            tables.entries(log, read.next(), {1'000'000}, 1'000, std::size_t{1} << 30U));
        return {};
    }));
    must(!found.entries.empty());
    return found;
}

/// What happens while Bertrand is away.
void go_on_without_him(Town& town) {
    using Act = client::ChangeGroup::Act;
    must(town.send("alice", "cellule", "bien").done());
    must(town.enrol("denise").done());
    must(town.play("alice", client::ChangeGroup{Act::Add, "cellule", "denise"}).done());
    must(town.play("chloe", client::ChangeGroup{Act::Remove, "cellule", "denise"}).done());
    must(town.send("chloe", "cellule", "encore nous").done());
    must(town.play("alice", client::CreateGroup{"autre", {"bertrand"}}).done());
    // A Welcome goes out once its commit has won.
    town.pass(std::chrono::minutes{1});
}

/// What Bertrand has written last, and nobody has yet.
void leave_something_behind(Town& town, const town::Desktop& desktop) {
    const auto file = desktop / "file";
    town::write_file(file, std::string(100'000, 'x'));
    town.crash_relay();
    must(!town.play("bertrand", client::Send{"cellule", "pour plus tard"}, 1).done());
    must(!town.play("bertrand", client::Send{"cellule", "", {}, town::path_bytes(file)}, 1).done());
    town.start_relay();
}

Absence play() {
    const auto town = Town::with({"alice", "bertrand", "chloe"});
    must(town->play("alice", client::CreateGroup{"cellule", {"bertrand", "chloe"}}).done());
    must(town->send("bertrand", "cellule", "je m'absente").done());
    must(town->read("alice", "cellule").size() == 1);
    const town::Desktop desktop;
    leave_something_behind(*town, desktop);
    Absence left{.alice = image_of(*town, "alice"),
                 .bertrand = image_of(*town, "bertrand"),
                 .now = town->loop().clock().wall(),
                 .group = {},
                 .directory = {},
                 .inbox = {}};
    go_on_without_him(*town);

    // Where he had come to, his vault says.
    net::Loop loop(net::Loop::Kind::Virtual, left.now);
    vectors::SeededRandom random(1);
    net::MemoryNetwork network(loop, random);
    SilentDiary diary;
    store::SimulatedDisk disk(random);
    disk.restore(left.bertrand);
    client::World world{loop, network, loop.clock(), random, diary, disk, {32, 1}};
    const auto device = wake(world, "bertrand");
    client::Core& core = device->core();
    const auto unread_in = [&](const client::ConversationRow& row) {
        return unread(town->store(), row.log, must(core.conversations.load(row.log))->seq);
    };
    left.group = unread_in(must(core.conversations.group("cellule")));
    const auto directory = must(core.conversations.directory());
    must(directory.has_value());
    left.directory = unread_in(*directory);
    const auto inbox = must(core.database.one<protocol::Seq>("SELECT inbox_seq FROM self"));
    must(inbox.has_value());
    left.inbox = unread(town->store(), core.self.inbox, std::get<0>(*inbox));
    return left;
}

}  // namespace

const Absence& absence() {
    static const Absence left = play();
    return left;
}

Awake::Awake(const store::SimulatedDisk::Image& vault, std::string name)
    : vault_(vault),
      name_(std::move(name)) {
    wake_again();
}

Awake::~Awake() = default;

void Awake::wake_again() {
    device_.reset();
    disk.restore(vault_);
    device_ = wake(world, name_);
    operations_ = disk.operations();
}

}  // namespace cercle::stage
