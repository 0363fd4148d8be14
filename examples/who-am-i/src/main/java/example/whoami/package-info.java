/** A program of a run, with nothing but the vendors' libraries. */
package example.whoami;
