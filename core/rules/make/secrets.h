#ifndef OD_RULES_MAKE_SECRETS_H
#define OD_RULES_MAKE_SECRETS_H

/*
 * Settings that a plugin declares as `type = secret`. Bundles are stored for ever and read by many,
 * so rules.ini has only a digest of each secret. The digest keeps the bundle's hash honest: another
 * secret is another bundle. The secret itself stays in the configuration of each process, and a
 * stored bundle that serves again takes it from there.
 */

enum { OD_RULES_DIGEST = 7 + 64 + 1 };

struct od_bundle_source;
struct od_conf;
struct od_conf_entry;

/* Marks the entries of [plugin.NAME] that the source's plugins declare as secrets. */
void od_rules_secrets_mark(struct od_conf *conf, const struct od_bundle_source *source);
/* Writes "sha256:" and the HMAC of the secret, keyed by the setting's name: two plugins with the
 * same secret do not show that. */
void od_rules_secret_digest(const struct od_conf_entry *e, char out[OD_RULES_DIGEST]);
/*
 * Replaces the digests in a stored bundle's configuration by secrets: by that of `base` that fits,
 * else by that of base's file as it is now, because another process may have reloaded it before
 * this one. When neither fits, the file's one counts, because secrets are replaced while rules are
 * rolled back. When there is none, the setting is empty and nothing is signed by it; the log says
 * so.
 */
void od_rules_secrets_fill(struct od_conf *conf, const struct od_conf *base);

#endif
