#include "app/command_line.h"

#include <CLI/CLI.hpp>

#include "base/text.h"

namespace heliu::app {
namespace {

CLI::App* command(CLI::App& app, Request& request, const std::string& name,
                  const std::string& what) {
  CLI::App* sub = app.add_subcommand(name, what);
  sub->add_flag("--json", request.json, "print one JSON object on standard output");
  sub->add_option("--lang", request.language, "en or zh")->check(CLI::IsMember({"en", "zh"}));
  sub->callback([&request, name] { request.command = name; });
  return sub;
}

void describe_pool(CLI::App& app, Request& r) {
  auto pool = command(app, r, "pool",
                      "check a pool file and print it; without a file, this machine as one");
  pool->add_option("file", r.file, "pool file (YAML)");
  auto view = [&](const char* name, const char* what) {
    CLI::App* sub = command(*pool, r, name, what);
    sub->add_option("file", r.file, "pool file (YAML)")->required();
    return sub;
  };
  view("check", "whether a pool file is in order");
  view("show", "its islands: devices, peak, power, price");
  view("topo", "its tree: centers, islands, nodes, devices and the links between them");
  // The callbacks of views come before that of the whole.
  pool->callback([&r, pool] {
    auto views = pool->get_subcommands();
    r.command = views.empty() ? "pool" : "pool " + views[0]->get_name();
  });
}

void describe_foreign(CLI::App& plan, Request& r) {
  plan.add_option("--from", r.from, "what FILE is: a workload, or arguments of Megatron-LM")
      ->check(CLI::IsMember({"heliu", "megatron"}));
  plan.add_option("--model", r.model, "config.json of a Hugging Face model, instead of the model");
  plan.add_option("--sequence", r.sequence, "tokens of a training sequence")
      ->check(CLI::Range(1, 1 << 24));
}

void describe_export(CLI::App& app, Request& r) {
  auto out = command(app, r, "export", "a plan in the words of another program");
  out->add_option("file", r.file,
                  "plan (JSON), as heliu plan --json prints it; - for standard input")
      ->required();
  out->add_option("--to", r.to, "which program")
      ->required()
      ->check(CLI::IsMember({"megatron", "torchtitan", "deepspeed", "sbatch", "trace"}));
  out->add_option("--output", r.output, "a file to write instead of standard output");
  out->add_option("--devices-per-node", r.devices_per_node, "devices of one node (8)")
      ->check(CLI::Range(1, 1024));
}

void describe_plan(CLI::App& app, Request& r) {
  auto plan = command(app, r, "plan", "the best plans for a workload, with their forecasts");
  plan->add_option("file", r.file, "workload file (YAML)");
  plan->add_option("--pool", r.pool, "pool file (YAML): plan on its islands; without it, here");
  plan->add_option("--keep", r.keep, "how many to show")->check(CLI::Range(1, 1000));
  plan->add_option("--framework", r.framework, "whose habits are forecast on a pool's islands")
      ->check(CLI::IsMember(
          {"nemo", "megatron", "megatron-deepspeed", "fsdp", "torchtitan", "internevo"}));
  plan->add_flag("--mixed", r.mixed, "also plans over several islands of the pool");
  plan->add_option("--compare", r.compare,
                   "two plans side by side, of this search or, without a workload, of the last")
      ->expected(2);
  describe_foreign(*plan, r);
}

void describe(CLI::App& app, Request& r) {
  auto demo =
      command(app, r, "demo", "the whole loop on this machine: discover, plan, run, compare");
  demo->add_flag("--short", r.brief, "few steps");
  demo->add_flag("--fresh", r.fresh, "start anew instead of going on with a stopped job");
  command(app, r, "discover", "what this machine is, and how fast (measured once)");
  auto bench = command(app, r, "bench", "measure this machine again");
  bench->add_option("--duration", r.duration, "seconds for each layout of ranks and threads")
      ->check(CLI::PositiveNumber);
  describe_pool(app, r);
  command(app, r, "catalog", "chips, nodes and fabrics as published, with their sources")
      ->add_option("name", r.path, "one of them, in full");
  auto evidence =
      command(app, r, "evidence", "the forecast beside published measurements, by group");
  evidence->add_option("file", r.file,
                       "your own measurements: a CSV with the columns of evidence/training/*.csv");
  evidence->add_option("--group", r.group, "only groups whose name begins so");
  evidence->add_flag("--untouched", r.untouched,
                     "only rows that the calibration was not fitted to");
  evidence->add_flag("--rows", r.rows, "every row, not only the groups");
  evidence->add_flag("--inference", r.inference, "serving: tokens per second, by chip");
  auto calibrate =
      command(app, r, "calibrate", "fit the forecast's rates to four fifths of the evidence");
  calibrate->add_option("file", r.file, "fit to this CSV instead of the project's evidence");
  calibrate->add_option("--output", r.output, "where to write the calibration (JSON)");
  calibrate->add_option("--report", r.report, "where to write the page on accuracy (Markdown)");
  describe_plan(app, r);
  describe_export(app, r);
  auto run = command(app, r, "run",
                     "plan a workload and run it; goes on where an earlier run of it stopped");
  run->add_option("file", r.file, "workload file (YAML)");
  CLI::Option* resume = run->add_option(
      "--resume", r.job, "go on with this job, or with the last one that did not finish");
  resume->expected(0, 1);
  run->add_flag("--fresh", r.fresh, "start anew instead of going on with a stopped job");
  run->add_flag("--dry-run", r.dry_run, "say what would run, and start nothing");
  run->callback([&r, resume] {
    r.command = "run";
    r.resume = resume->count() > 0;
    if (r.job == "true") r.job.clear();
  });
  command(app, r, "jobs", "all jobs of this user");
  command(app, r, "show", "one job: plan, promise beside measurement")
      ->add_option("job", r.job, "job, or the beginning of its name")
      ->required();
  command(app, r, "logs", "what a job's ranks wrote to standard error")
      ->add_option("job", r.job, "job")
      ->required();
  auto explain = command(app, r, "explain",
                         "a document's field, e.g. workload.model.layers, or an error code");
  explain->add_option("name", r.path, "field, table or code; or plan, and a plan's name");
  explain->add_option("id", r.id, "a plan that heliu plan --pool printed last: p1");
  explain->add_option("--schema", r.schema, "the JSON Schema of a document");
  explain->add_flag("--reference", r.reference, "the reference page of all documents, in Markdown");
  command(app, r, "version", "version, compiler and backends");
  auto worker = command(app, r, "worker", "a rank of a job; started by the broker");
  worker->group("");
  worker->add_option("--plan", r.plan)->required();
  worker->add_option("--job", r.job)->required();
  worker->add_option("--directory", r.directory)->required();
  worker->add_option("--rank", r.rank)->required();
}

// Words that Slurm's users type, and the nearest command of ours.
std::string advice(const CLI::App& app, const std::string& word) {
  if (word == "squeue" || word == "sacct") return "jobs";
  if (word == "sbatch" || word == "srun" || word == "launch") return "run";
  if (word == "sinfo") return "discover";
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({}))
    if (!sub->get_group().empty()) names.push_back(sub->get_name());
  return did_you_mean(word, names).value_or("");
}

bool is_command(const CLI::App& app, const std::string& word) {
  for (const CLI::App* sub : app.get_subcommands({}))
    if (sub->get_name() == word) return true;
  return false;
}

// `word` is the first one typed.
void complain(const CLI::App& app, const std::string& word, const std::string& error) {
  bool unknown = !word.empty() && word[0] != '-' && !is_command(app, word);
  std::string meant = unknown ? advice(app, word) : "";
  std::cerr << "error: " << (unknown ? "no such command: " + word : error) << "\n  hint: ";
  if (!meant.empty())
    std::cerr << "did you mean heliu " << meant << "?\n";
  else if (unknown || word.empty() || word[0] == '-')
    std::cerr << "heliu --help\n";
  else
    std::cerr << "heliu " << word << " --help\n";
}

}  // namespace

CommandLine parse_command_line(int count, char** words) {
  CommandLine line;
  CLI::App app{
      "Heliu: one computing network for AI and science. Says where and how a workload runs best, "
      "runs it, and\n"
      "lays what was measured beside what was promised.",
      "heliu"};
  describe(app, line.request);
  app.require_subcommand(1);
  app.footer("heliu COMMAND --help tells more. Start with: heliu demo");
  try {
    app.parse(count, words);
  } catch (const CLI::CallForHelp& help) {
    line.exit_code = app.exit(help);
  } catch (const CLI::CallForAllHelp& help) {
    line.exit_code = app.exit(help);
  } catch (const CLI::ParseError& error) {
    complain(app, count > 1 ? words[1] : "", error.what());
    line.exit_code = 2;
  }
  return line;
}

}  // namespace heliu::app
