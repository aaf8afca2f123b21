/* Trainings: from the data folder to a model file, the same bytes every time. */
#pragma once

/* Each reads data_dir, writes its model into out_dir and says on stdout how far it is. 0 or the
 * error of model_write(); a missing set ends the process. */
int train_language(const char *data_dir, const char *out_dir);
int train_gazetteer(const char *data_dir, const char *out_dir);
int train_names(const char *data_dir, const char *out_dir); /* reads places.model of out_dir */
int train_scene(const char *data_dir, const char *out_dir); /* and names.model */
int train_topic(const char *data_dir, const char *out_dir); /* topic.model */
int train_event(const char *data_dir, const char *out_dir); /* event.model */
