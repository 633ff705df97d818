//! What is asked for on the command line.

use std::path::PathBuf;

use mien::dataset::Split;
use mien::engine::protocol::DeviceChoice;
use mien::training::TrainingPlan;

pub const USAGE: &str = "\
pretrain --data PATH... --run FOLDER [--plan FILE] [--model NAME] [--set SETTING=VALUE]... [--site FOLDER] [--split NAME]...
    [--device NAME] [--cores NUMBER]

  --data   files and folders with faces, as they would be dropped on the page
  --run    where everything goes; the same command goes on there
  --plan   a plan as JSON: the settings of a training by their names; what it leaves out is as on the page
  --model  the network
  --set    any setting, over the plan's
  --site   the built site, for the pre-trained weights (dist)
  --split  what is evaluated at the end: validation (always), test
  --device cpu, gpu (through Vulkan, Metal or DirectX), or auto (a GPU where there is one of hardware)
  --cores  on how many cores batches are looked at, shard by shard (1): beside what the feature `threads` does";

/// What is asked for.
pub struct Options {
    pub data: Vec<PathBuf>,
    pub run: PathBuf,
    pub plan: TrainingPlan,
    pub site: PathBuf,
    pub splits: Vec<Split>,
    pub device: DeviceChoice,
    pub cores: Option<usize>,
}

impl Options {
    /// Reads the arguments behind the program's name.
    pub fn read(arguments: &[String]) -> Result<Options, String> {
        let (mut data, mut settings, mut splits) = (Vec::new(), Vec::new(), vec![Split::Validation]);
        let (mut run, mut plan, mut site) = (None, TrainingPlan::default(), PathBuf::from("dist"));
        let (mut device, mut cores) = (DeviceChoice::Auto, None);
        let mut arguments = arguments.iter();
        while let Some(option) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("{option} wants a value."))?;
            match option.as_str() {
                "--data" => data.push(PathBuf::from(value)),
                "--run" => run = Some(PathBuf::from(value)),
                "--plan" => plan = read_plan(value)?,
                "--model" => settings.push(("model", value.as_str())),
                "--set" => {
                    settings.push(value.split_once('=').ok_or_else(|| format!("{value} is not SETTING=VALUE."))?)
                }
                "--site" => site = PathBuf::from(value),
                "--device" => device = named(value)?,
                "--cores" => cores = Some(value.parse().map_err(|_| format!("{value} is no number of cores."))?),
                "--split" if value == "validation" => {}
                "--split" if value == "test" => splits.push(Split::Test),
                _ => return Err(format!("There is no option {option} {value}.")),
            }
        }
        for (name, value) in settings {
            plan.set(name, value).map_err(|why| format!("{why}."))?;
        }
        plan.check().map_err(|why| format!("{why}."))?;
        Ok(Options { data, run: run.ok_or("--run is missing.")?, plan, site, splits, device, cores })
    }
}

fn named(device: &str) -> Result<DeviceChoice, String> {
    match device {
        "auto" => Ok(DeviceChoice::Auto),
        "cpu" => Ok(DeviceChoice::Cpu),
        "gpu" => Ok(DeviceChoice::WebGpu),
        _ => Err(format!("There is no device {device}.")),
    }
}

fn read_plan(path: &str) -> Result<TrainingPlan, String> {
    let text = std::fs::read(path).map_err(|why| format!("{path}: {why}."))?;
    serde_json::from_slice(&text).map_err(|why| format!("{path}: {why}."))
}
